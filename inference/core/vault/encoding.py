"""Unmasked pictures to H.264 in memory: what comes out goes to a sealed file and nowhere else."""

from pathlib import Path
from typing import Any, Final

from inference.core.recording.encoder import Encoder, EncoderConfig

NOWHERE: Final = Path("/dev/null/memory")
"""No file can have such a path: were this encoder ever to write to its name, it would fail."""
MOST_WAITING_BYTES: Final = 32 * 1024 * 1024
"""A fragment of half a second is far smaller; more means that nobody takes what is encoded."""


class _Memory:
    """A file that is none: keeps what is written until it is taken."""

    def __init__(self) -> None:
        self._content = bytearray()

    def write(self, content: Any) -> int:
        if len(self._content) + len(content) > MOST_WAITING_BYTES:
            raise OSError(f"more than {MOST_WAITING_BYTES} encoded bytes wait to be sealed")
        self._content += content
        return len(content)

    def take(self) -> bytes:
        content = bytes(self._content)
        self._content.clear()
        return content


class MemoryEncoder(Encoder):
    """Encodes a fragmented MP4 into memory; the name is only for messages."""

    def __init__(self, name: str, width: int, height: int, fps: float, config: EncoderConfig) -> None:
        self._memory = _Memory()
        super().__init__(NOWHERE / name, width, height, fps, config)

    def take(self) -> bytes:
        """Return the bytes that have become ready since the last call, and forget them."""
        return self._memory.take()

    def _target(self) -> Any:
        return self._memory
