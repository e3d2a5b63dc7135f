"""Cut one clip, with what went before and after, out of recorded masked segments."""

import math
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import av
import numpy as np
import simplejpeg

from inference.core.errors import RecordingError
from inference.core.frames import Image, check_aware
from inference.core.recording.encoder import Encoder, EncoderConfig
from inference.core.recording.segments import Segment

GAP_S: Final = 2.0
"""Longer than this without a frame counts as a gap (a camera gives at least one frame a second)."""
CLIP_CRF: Final = 23
POSTER_QUALITY: Final = 85


@dataclass(frozen=True, slots=True)
class Poster:
    """A still beside the clip: the first frame at or after `at`, else the last one before it."""

    path: Path
    at: datetime


@dataclass(frozen=True, slots=True)
class ClipInfo:
    """What was cut.

    Attributes:
        started_at: capture time of the clip's first frame; second 0 of the file. Clip time is capture time: a gap
            stands still for as long as it lasted, so that overlays stay in step.
        duration_s: from the first to the last frame.
        frames, bytes, width, height: what the file holds.
        gaps: stretches (from, to) of what was asked for that are not there, each longer than `GAP_S`.
    """

    started_at: datetime
    duration_s: float
    frames: int
    bytes: int
    width: int
    height: int
    gaps: tuple[tuple[datetime, datetime], ...]


def cut_clip(
    segments: Sequence[Segment], start_at: datetime, end_at: datetime, out: Path, poster: Poster | None = None
) -> ClipInfo:
    """Write one seekable H.264 MP4 of everything recorded from `start_at` to `end_at`.

    Segments may overlap, be missing, still grow, or end in the middle of a frame: what can be read is used. The file
    appears under its name when it is whole, replacing an earlier version of the same clip.

    Raises:
        ValueError: `end_at` is not after `start_at`, or a time is naive.
        RecordingError: nothing was recorded in that time, or the clip cannot be written.
    """
    check_aware(start_at, "start_at")
    check_aware(end_at, "end_at")
    if end_at <= start_at:
        raise ValueError(f"`end_at` must be after `start_at`, got {end_at} and {start_at}.")
    part = out.with_name(f".{out.name}.{uuid.uuid4().hex}.part")  # a process may cut in several threads
    writer = _Writer(part, start_at, end_at, poster)
    try:
        for captured_at, image in recorded_frames(segments, start_at, end_at):
            writer.write(captured_at, image)
        info = writer.finish()
        part.replace(out)
        if poster is not None and writer.poster is not None:
            _save_jpeg(writer.poster, poster.path)
    except OSError as error:
        raise RecordingError(f"Cannot write the clip {out.name}: {error.strerror}.") from error
    finally:
        writer.release()
        part.unlink(missing_ok=True)
    return info


class _Writer:
    """Encodes the frames of one clip as they come and keeps account of gaps."""

    def __init__(self, path: Path, start_at: datetime, end_at: datetime, poster: Poster | None) -> None:
        self.poster: Image | None = None
        self._path, self._end_at, self._poster_at = path, end_at, poster.at if poster else None
        self._encoder: Encoder | None = None
        self._started_at = self._last_at = start_at
        self._gaps: list[tuple[datetime, datetime]] = []
        self._is_poster_final = False

    def write(self, captured_at: datetime, image: Image) -> None:
        self._note_gap(captured_at)
        if self._encoder is None:
            height, width = image.shape[:2]
            self._encoder = Encoder(self._path, width, height, 10.0, EncoderConfig("faststart", crf=CLIP_CRF))
            self._started_at = captured_at
        self._encoder.write(image, (captured_at - self._started_at).total_seconds())
        self._last_at = captured_at
        if self._poster_at is not None and not self._is_poster_final:
            self.poster, self._is_poster_final = image, captured_at >= self._poster_at

    def finish(self) -> ClipInfo:
        encoder = self._encoder
        if encoder is None:
            raise RecordingError(f"Nothing was recorded between {self._last_at:%FT%T%z} and {self._end_at:%FT%T%z}.")
        encoder.close()
        self._encoder = None
        duration_s = (self._last_at - self._started_at).total_seconds()
        self._note_gap(self._end_at)
        size_bytes = self._path.stat().st_size
        return ClipInfo(
            self._started_at, duration_s, encoder.frames, size_bytes, encoder.width, encoder.height, tuple(self._gaps)
        )

    def release(self) -> None:
        if self._encoder is not None:
            self._encoder.abandon()
            self._encoder = None

    def _note_gap(self, until: datetime) -> None:
        if (until - self._last_at).total_seconds() > GAP_S:
            self._gaps.append((self._last_at, until))


def recorded_frames(
    segments: Sequence[Segment], start_at: datetime, end_at: datetime
) -> Iterator[tuple[datetime, Image]]:
    """Give (capture time, RGB picture) of all segments in order; where two overlap, the earlier one wins."""
    last_at: datetime | None = None
    for segment in sorted(segments, key=lambda each: each.started_at):
        if segment.started_at > end_at or (segment.ended_at is not None and segment.ended_at < start_at):
            continue
        for captured_at, image in _frames(segment, start_at):
            if captured_at > end_at:
                break
            if captured_at >= start_at and (last_at is None or captured_at > last_at):
                last_at = captured_at
                yield captured_at, image


def _frames(segment: Segment, start_at: datetime) -> Iterator[tuple[datetime, Image]]:
    """Decode one segment from the keyframe before `start_at` on; ends quietly where the file is cut off."""
    skip_s = (start_at - segment.started_at).total_seconds()
    try:
        with av.open(str(segment.path), "r", format="mp4", options={"protocol_whitelist": "file"}) as container:
            stream = container.streams.video[0]
            if skip_s > 0 and stream.time_base:
                container.seek(math.floor(skip_s / stream.time_base), stream=stream)
            for frame in container.decode(stream):
                captured_at = segment.started_at + timedelta(seconds=frame.time)
                rgb = frame.reformat(format="rgb24").to_ndarray()
                yield captured_at, np.ascontiguousarray(rgb, dtype=np.uint8)
    except (av.error.FFmpegError, IndexError):
        return  # a missing, empty or cut-off file is a gap, and the gap is reported


def _save_jpeg(image: Image, path: Path) -> None:
    part = path.with_name(f".{path.name}.{uuid.uuid4().hex}.part")
    try:
        part.write_bytes(simplejpeg.encode_jpeg(image, quality=POSTER_QUALITY, colorspace="RGB"))
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
