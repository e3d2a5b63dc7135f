"""Record one camera's masked frames as a chain of short H.264 files that survive a kill.

Fragmented MP4 with a keyframe each second and a fragment each half second: after `kill -9` the file plays up to its
last whole fragment, and at most the last second is lost. Nothing has to be renamed or repaired to be readable.
"""

import logging
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from inference.core.errors import RecordingError
from inference.core.frames import MaskedFrame, check_aware, require_masked
from inference.core.recording.encoder import Encoder, EncoderConfig

logger = logging.getLogger(__name__)

JUMP_S: Final = 5.0
"""A hole, or any step back, in capture time starts a new segment."""
RETRY_S: Final = 5.0
"""After an error the disk is left alone this long; meanwhile every frame says why it is not recorded."""
NAME_TIME: Final = "%Y%m%dT%H%M%S.%fZ"


@dataclass(frozen=True, slots=True)
class Segment:
    """One recorded file.

    Attributes:
        path: `<utc start>-<8 hex>.mp4`; sortable by time, not guessable from it.
        started_at: capture time of the first frame, stream time 0 of the file.
        ended_at: capture time of the last frame; None while the file grows.
        frames, bytes: what it holds.
        width, height: pixels.
        masker_fingerprint: who masked it.
    """

    path: Path
    started_at: datetime
    ended_at: datetime | None
    frames: int
    bytes: int
    width: int
    height: int
    masker_fingerprint: str

    def __post_init__(self) -> None:
        check_aware(self.started_at, "started_at")


@dataclass(frozen=True, slots=True)
class RecorderConfig:
    """Where and how to record.

    Attributes:
        folder: made if absent (mode 700).
        masker_fingerprint: written into each `Segment`.
        segment_s: length of a segment in seconds.
        fps: expected rate, frames per second; true times are kept whatever comes.
        preset, crf: see `EncoderConfig`.
    """

    folder: Path
    masker_fingerprint: str
    segment_s: float = 10.0
    fps: float = 5.0
    preset: str = "veryfast"
    crf: int = 26

    def __post_init__(self) -> None:
        for name in ("segment_s", "fps"):
            if not getattr(self, name) > 0:
                raise ValueError(f"`{name}` must be above 0, got {getattr(self, name)}.")


@dataclass(slots=True)
class _Open:
    """The segment being written."""

    encoder: Encoder
    segment: Segment
    last_at: datetime
    size: tuple[int, int] = field(default=(0, 0))


def segment_name(started_at: datetime) -> str:
    """Name a segment so that names sort by time and cannot be guessed."""
    return f"{started_at.astimezone(UTC).strftime(NAME_TIME)}-{uuid.uuid4().hex[:8]}.mp4"


class SegmentRecorder:
    """A sink of masked frames. Withheld frames are recorded as the flat pictures they are: the gap is seen, not cut.

    A segment ends after `segment_s`, on a new size, a discontinuity or a jump of the clock. `on_segment` is called with
    each segment when it is opened (`ended_at` None) and again when it is closed.
    """

    def __init__(self, config: RecorderConfig, on_segment: Callable[[Segment], None]) -> None:
        self.config = config
        self._on_segment = on_segment
        self._open: _Open | None = None
        self._retry_at_s = 0.0
        self._error = ""

    def write(self, frame: MaskedFrame) -> None:
        """Record one frame.

        Raises:
            TypeError: the frame is not masked.
            RecordingError: the disk or the encoder refuses; tried again after a few seconds.
        """
        require_masked(frame)
        if self._error and time.monotonic() < self._retry_at_s:
            raise RecordingError(self._error)
        try:
            current = self._open
            if current is None or self._must_cut(current, frame):
                self.close()
                current = self._open = self._begin(frame)
                self._on_segment(current.segment)
            current.encoder.write(frame.image, (frame.captured_at - current.segment.started_at).total_seconds())
            current.last_at = frame.captured_at
        except RecordingError as error:
            self._fail(str(error))
            raise
        self._error = ""

    def close(self) -> None:
        """Finish the segment being written, if any.

        Raises:
            RecordingError: its end cannot be written.
        """
        current, self._open = self._open, None
        if current is None:
            return
        try:
            current.encoder.close()
        finally:
            self._report(current)

    def _must_cut(self, current: _Open, frame: MaskedFrame) -> bool:
        step_s = (frame.captured_at - current.last_at).total_seconds()
        age_s = (frame.captured_at - current.segment.started_at).total_seconds()
        return (
            frame.discontinuity
            or frame.image.shape[:2] != current.size
            or age_s >= self.config.segment_s
            or not 0 <= step_s <= JUMP_S
        )

    def _begin(self, frame: MaskedFrame) -> _Open:
        height, width = frame.image.shape[:2]
        path = self.config.folder / segment_name(frame.captured_at)
        try:
            self.config.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise RecordingError(f"Cannot make the folder for recordings: {error.strerror}.") from error
        settings = EncoderConfig("fragments", self.config.preset, self.config.crf)
        encoder = Encoder(path, width, height, self.config.fps, settings)
        segment = Segment(
            path, frame.captured_at, None, 0, 0, encoder.width, encoder.height, self.config.masker_fingerprint
        )
        return _Open(encoder, segment, frame.captured_at, (height, width))

    def _report(self, current: _Open) -> None:
        """Tell of a closed segment; one without a frame leaves no file behind."""
        path, frames = current.segment.path, current.encoder.frames
        size_bytes = path.stat().st_size if path.exists() else 0
        if not frames or not size_bytes:
            path.unlink(missing_ok=True)
        self._on_segment(replace(current.segment, ended_at=current.last_at, frames=frames, bytes=size_bytes))

    def _fail(self, reason: str) -> None:
        self._error, self._retry_at_s = reason, time.monotonic() + RETRY_S
        current, self._open = self._open, None
        if current is not None:
            current.encoder.abandon()
            self._report(current)
