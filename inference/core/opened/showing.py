"""Some seconds of released footage: opened, marked and encoded in memory."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Final

import av
import numpy as np

from inference.core.errors import VaultError
from inference.core.frames import Image
from inference.core.opened.watermark import Watermark
from inference.core.recording.encoder import EncoderConfig
from inference.core.vault.encoding import MemoryEncoder
from inference.core.vault.reading import inspect, read_hour

LONGEST: Final = timedelta(seconds=60)
"""Of one answer: it is made whole in memory."""
BEFORE: Final = timedelta(seconds=4)
"""Chunks from so long before are decoded too, as a picture needs the keyframe before it (one each second)."""
FPS: Final = 5.0


@dataclass(frozen=True, slots=True)
class OpenFile:
    """A sealed file with its data key; `is_cut` where its writer was killed or still writes."""

    path: Path
    data_key: bytes = field(repr=False)
    is_cut: bool


def show(files: Sequence[OpenFile], start: datetime, end: datetime, words: str) -> bytes:
    """Return the footage from `start` to `end` as a fragmented MP4, each frame marked.

    Args:
        files: of one camera, in order of time.
        start: aware; frames filmed from here ...
        end: ... to before here.
        words: of the watermark.

    Raises:
        VaultError: more than `LONGEST`, nothing was filmed in this time, or a file does not open.
    """
    if not timedelta() < end - start <= LONGEST:
        raise VaultError(f"At most {LONGEST.total_seconds():.0f} s are shown at once, got {end - start}.")
    encoder: MemoryEncoder | None = None
    mark: Watermark | None = None
    shown = bytearray()
    for image, at in frames_between(files, start, end):
        height, width = image.shape[:2]
        if encoder is None or mark is None:
            encoder = MemoryEncoder("release", width, height, FPS, EncoderConfig())
            mark = Watermark(words, width, height)
            first = (height, width)
        if (height, width) != first:
            break  # the camera changed its size: the next stretch begins there
        encoder.write(mark.mark(image, at), (at - start).total_seconds())
        shown += encoder.take()
    if encoder is None:
        raise VaultError("Nothing was filmed in this time.")
    encoder.close()
    return bytes(shown + encoder.take())


def frames_between(files: Sequence[OpenFile], start: datetime, end: datetime) -> Iterator[tuple[Image, datetime]]:
    """Yield pictures, `uint8 (H, W, 3)` RGB and unmasked, with their time, filmed from `start` to before `end`.

    Raises:
        VaultError: a file does not open or decode.
    """
    for file in files:
        started_at = inspect(file.path).header.started_at
        video = _chunks(file, start, end)
        if not video:
            continue
        try:
            with av.open(BytesIO(video), "r") as container:
                for frame in container.decode(video=0):
                    at = started_at + timedelta(seconds=float(frame.time or 0))
                    if start <= at < end:
                        yield np.ascontiguousarray(frame.to_ndarray(format="rgb24")), at
        except av.error.FFmpegError as error:
            raise VaultError(f"{file.path.name} does not decode: {error.strerror}.") from error


def _chunks(file: OpenFile, start: datetime, end: datetime) -> bytes:
    """Return head and the chunks around the time, each checked; empty where the file has none."""
    found, is_any = bytearray(), False
    for chunk in read_hour(file.path, file.data_key, is_cut=file.is_cut):
        if chunk.at >= end:
            break
        if chunk.index == 0 or chunk.at >= start - BEFORE:
            found += chunk.data
            is_any = True
    return bytes(found) if is_any else b""
