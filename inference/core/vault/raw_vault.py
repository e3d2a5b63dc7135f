"""The raw vault of one camera: takes raw frames, straight from the decoder, and leaves sealed files.

The only thing beside a masker that a raw frame may go to. The line accepts this class and no other (it cannot be
subclassed), and nothing here writes video anywhere but through `SealedWriter`.
"""

import logging
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, final

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

from inference.core.errors import RecordingError, VaultError
from inference.core.frames import RawFrame
from inference.core.recording.encoder import EncoderConfig
from inference.core.vault.custodian import fingerprint
from inference.core.vault.encoding import MemoryEncoder
from inference.core.vault.keys import Bound, hour_of, new_key, seal_wrapped, secret_write, wrap
from inference.core.vault.sealed_file import Header
from inference.core.vault.writing import SealedWriter

logger = logging.getLogger(__name__)

RETRY_S: Final = 5.0
"""After an error the disk is left alone this long; then a new file with a new key is begun."""
NAME_TIME: Final = "%Y%m%dT%H%M%S.%fZ"
SEALED, SECRET = ".sealed", ".secret"


@dataclass(frozen=True, slots=True)
class VaultConfig:
    """Where and how to seal.

    Attributes:
        camera: key of the camera's row.
        folder: of the sealed files; made if absent (mode 700).
        secrets: folder of the secrets, in no backup; made if absent (mode 700).
        custodian: the public key of which only the custodian has the private part.
        fps: expected rate, frames per second; true times are kept whatever comes.
        preset, crf: see `EncoderConfig`.
    """

    camera: int
    folder: Path
    secrets: Path
    custodian: X25519PublicKey
    fps: float = 5.0
    preset: str = "veryfast"
    crf: int = 26

    def __post_init__(self) -> None:
        if self.secrets.resolve().is_relative_to(self.folder.resolve()):
            raise ValueError(f"`secrets` must not lie within the vault: {self.secrets} is below {self.folder}.")


@dataclass(frozen=True, slots=True)
class Sealed:
    """One sealed file, told when it is begun (`ended_at` None) and when it is closed or given up.

    Attributes:
        path: `<utc start>-<8 hex>.sealed`; its secret has the same name with `.secret`.
        header: what the file says of itself.
        ended_at: capture time of the last frame; None while it grows.
        frames, chunks, bytes: what it holds.
        is_whole: whether it has its last word; without, the reader must know that it was cut off.
    """

    path: Path
    header: Header
    ended_at: datetime | None
    frames: int
    chunks: int
    bytes: int
    is_whole: bool


class _Open:
    """The file being written, with the only copy of its data key (inside the writer)."""

    def __init__(self, config: VaultConfig, frame: RawFrame) -> None:
        height, width = frame.image.shape[:2]
        self.size, self.started_at, self.last_at = (height, width), frame.captured_at, frame.captured_at
        self._waiting_from = frame.captured_at
        bound = Bound(config.camera, hour_of(frame.captured_at))
        name = f"{frame.captured_at.astimezone(UTC).strftime(NAME_TIME)}-{uuid.uuid4().hex[:8]}"
        self.encoder = MemoryEncoder(
            name, width, height, config.fps, EncoderConfig("fragments", config.preset, config.crf)
        )
        data_key, secret = new_key(), new_key()
        sealed_key = seal_wrapped(wrap(data_key, config.custodian, bound), secret, bound)
        self.header = Header(
            bound, frame.captured_at, self.encoder.width, self.encoder.height, fingerprint(config.custodian), sealed_key
        )
        secret_path = config.secrets / f"{name}{SECRET}"
        secret_write(secret_path, secret)  # first: without it the file could never be read
        try:
            self.writer = SealedWriter(config.folder / f"{name}{SEALED}", self.header, data_key)
        except VaultError:
            secret_path.unlink(missing_ok=True)  # it protects nothing
            raise

    def write(self, frame: RawFrame) -> None:
        self.encoder.write(frame.image, (frame.captured_at - self.started_at).total_seconds())
        ready = self.encoder.take()
        if ready:
            self.writer.seal(self._waiting_from, ready)
            self._waiting_from = frame.captured_at  # this frame waits for the next fragment
        self.last_at = frame.captured_at

    def close(self) -> None:
        self.encoder.close()
        ready = self.encoder.take()
        if ready:
            self.writer.seal(self._waiting_from, ready)
        self.writer.close(self.last_at)

    def abandon(self) -> None:
        self.encoder.abandon()
        self.encoder.take()
        self.writer.abandon()

    def told(self, *, is_over: bool, is_whole: bool) -> Sealed:
        return Sealed(
            self.writer.path,
            self.header,
            self.last_at if is_over else None,
            self.encoder.frames,
            self.writer.chunks,
            self.writer.bytes,
            is_whole,
        )


@final
class RawVault:
    """Seals the raw frames of one camera, at most one clock hour under one key.

    Each file has a data key of its own, which exists in this process until the file is closed; a run that begins
    within an hour begins a file of its own. `on_sealed` is told when a file is begun, before any video is in it, and
    when it is over.
    """

    def __init__(self, config: VaultConfig, on_sealed: Callable[[Sealed], None]) -> None:
        self.config = config
        self._on_sealed = on_sealed
        self._open: _Open | None = None
        self._retry_at_s = 0.0
        self._error = ""

    def __init_subclass__(cls) -> None:
        raise TypeError("RawVault is the one door for raw frames beside the masker; it has no other form.")

    def write(self, frame: RawFrame) -> None:
        """Seal one frame.

        Raises:
            TypeError: the frame is not raw; masked ones are recorded elsewhere.
            VaultError: the disk or the encoder refuses; tried again after a few seconds.
        """
        if not isinstance(frame, RawFrame):
            raise TypeError(f"Only a RawFrame may pass here, got {type(frame).__name__}.")
        if self._error and time.monotonic() < self._retry_at_s:
            raise VaultError(self._error)
        try:
            current = self._open
            if current is None or _must_cut(current, frame):
                if current is not None:
                    self.close()
                current = self._open = _Open(self.config, frame)
                self._on_sealed(current.told(is_over=False, is_whole=False))
            current.write(frame)
        except (VaultError, RecordingError) as error:
            self._error, self._retry_at_s = str(error), time.monotonic() + RETRY_S
            current, self._open = self._open, None
            if current is not None:
                current.abandon()
                self._on_sealed(current.told(is_over=True, is_whole=False))
            raise VaultError(self._error) from error
        self._error = ""

    def close(self) -> None:
        """Finish the file being written, if any, and forget its key.

        Raises:
            VaultError: its end cannot be written, or nothing could be sealed since the last error.
        """
        current, self._open = self._open, None
        if current is None:
            if self._error:
                raise VaultError(self._error)
            return
        is_whole = False
        try:
            current.close()
            is_whole = True
        except RecordingError as error:
            raise VaultError(str(error)) from error
        finally:
            current.abandon()
            self._on_sealed(current.told(is_over=True, is_whole=is_whole))


def _must_cut(current: _Open, frame: RawFrame) -> bool:
    return (
        hour_of(frame.captured_at) != current.header.bound.hour
        or frame.image.shape[:2] != current.size
        or frame.captured_at < current.last_at
    )
