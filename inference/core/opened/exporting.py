"""Released footage as files, piece by piece: opened, marked and encoded in memory, and given away at once.

What leaves this process is a run of records, each `u8 kind | u32 length | payload`:

    BEGIN  JSON: part, start (ISO 8601), width, height       a file begins
    DATA   the next bytes of it (MP4)
    END    JSON: until (ISO 8601), frames                    it is whole
    OVER   JSON: files                                       that was all
    REFUSED  UTF-8                                           nothing more comes, and why

Whoever reads no OVER has got a part only. Nothing is kept: a killed process leaves nothing behind.
"""

import json
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any, Final

from inference.core.errors import VaultError
from inference.core.frames import Image
from inference.core.opened.showing import FPS, OpenFile, frames_between
from inference.core.opened.watermark import Watermark
from inference.core.recording.encoder import EncoderConfig
from inference.core.vault.encoding import MemoryEncoder

MOST_FOOTAGE: Final = timedelta(hours=1)
"""Of one answer, all cameras together."""
WINDOW: Final = timedelta(seconds=60)
"""Decrypted at once."""
GAP: Final = timedelta(seconds=10)
"""Where nothing was filmed for so long, a new file begins."""
LONGEST_FILE: Final = timedelta(minutes=10)
RECORD: Final = struct.Struct(">BI")


class Kind(IntEnum):
    """What a record is."""

    BEGIN = 1
    DATA = 2
    END = 3
    OVER = 4
    REFUSED = 5


@dataclass(frozen=True, slots=True)
class Span:
    """What is asked of one camera.

    Attributes:
        part: number of the part of the release, told back.
        files: its sealed files, in order of time.
        start: aware; frames filmed from here ...
        end: ... to before here.
    """

    part: int
    files: Sequence[OpenFile]
    start: datetime
    end: datetime


def record(kind: Kind, payload: bytes) -> bytes:
    """Return one record."""
    return RECORD.pack(kind, len(payload)) + payload


def export(spans: Sequence[Span], words: str) -> Iterator[bytes]:
    """Yield the records of some minutes of footage, each frame marked.

    Args:
        spans: what is asked for, at most `MOST_FOOTAGE` together.
        words: of the watermark.

    Raises:
        VaultError: too much is asked for, nothing was filmed in this time, or a file does not open.
    """
    asked = sum((span.end - span.start for span in spans), timedelta())
    if any(span.end <= span.start for span in spans) or not timedelta() < asked <= MOST_FOOTAGE:
        raise VaultError(f"At most {MOST_FOOTAGE.total_seconds() / 60:.0f} min are exported at once, got {asked}.")
    files = 0
    for span in spans:
        current: _File | None = None
        for image, at in _frames(span):
            if current is not None and current.must_end(image, at):
                yield from current.close()
                current = None
            if current is None:
                current, files = _File(image, at, words), files + 1
                yield current.begin(span.part)
            yield from current.write(image, at)
        if current is not None:
            yield from current.close()
    if not files:
        raise VaultError("Nothing was filmed in this time.")
    yield _told(Kind.OVER, {"files": files})


def _frames(span: Span) -> Iterator[tuple[Image, datetime]]:
    start = span.start
    while start < span.end:
        end = min(start + WINDOW, span.end)
        yield from frames_between(span.files, start, end)
        start = end


def _told(kind: Kind, facts: dict[str, Any]) -> bytes:
    return record(kind, json.dumps(facts).encode())


class _File:
    """The file being made; each piece is forgotten as soon as it is given."""

    def __init__(self, image: Image, at: datetime, words: str) -> None:
        self._size = height, width = image.shape[:2]
        self._start = self._last = at
        self._encoder = MemoryEncoder("release", width, height, FPS, EncoderConfig())
        self._mark = Watermark(words, width, height)

    def begin(self, part: int) -> bytes:
        facts = {"part": part, "start": self._start.isoformat()}
        return _told(Kind.BEGIN, facts | {"width": self._encoder.width, "height": self._encoder.height})

    def must_end(self, image: Image, at: datetime) -> bool:
        """Whether a frame belongs to another file: another size, a gap, a clock set back, or this one is long."""
        is_apart = not timedelta() <= at - self._last <= GAP
        return is_apart or image.shape[:2] != self._size or at - self._start >= LONGEST_FILE

    def write(self, image: Image, at: datetime) -> Iterator[bytes]:
        self._encoder.write(self._mark.mark(image, at), (at - self._start).total_seconds())
        self._last = at
        yield from self._ready()

    def close(self) -> Iterator[bytes]:
        self._encoder.close()
        yield from self._ready()
        yield _told(Kind.END, {"until": self._last.isoformat(), "frames": self._encoder.frames})

    def _ready(self) -> Iterator[bytes]:
        ready = self._encoder.take()
        if ready:
            yield record(Kind.DATA, ready)
