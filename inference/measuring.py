"""The parts of a camera's line, measured: what they do stays the same, and each stage's time is counted."""

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np

from inference.core.detection.base import Detection, Detector
from inference.core.events import AnomalyEvent
from inference.core.frames import MaskedFrame, RawFrame
from inference.core.masking.withhold import DOWN
from inference.core.pipeline import FrameSink, Masking
from inference.core.recording.segments import SegmentRecorder
from paca_site.metrics.measures import COVERED_RATIO, DELAY_SECONDS, STAGE_SECONDS, stage_timed, withheld_count


class MeasuredMasking:
    """A masking stage; also counts what is withheld and how much of each frame is covered."""

    def __init__(self, masking: Masking) -> None:
        self._masking = masking

    def push(self, frame: RawFrame) -> list[MaskedFrame]:
        """Take the next frame; give those that are ready."""
        STAGE_SECONDS.labels("wait").observe(_since(frame.captured_at))
        with stage_timed("mask"):
            ready = self._masking.push(frame)
        _count(ready)
        return ready

    def flush(self) -> list[MaskedFrame]:
        """Give all frames still held back."""
        ready = self._masking.flush()
        _count(ready)
        return ready


class MeasuredDetector:
    """A detector."""

    def __init__(self, detector: Detector) -> None:
        self._detector = detector

    @property
    def fingerprint(self) -> str:
        """The detector's own."""
        return self._detector.fingerprint

    def update(self, frame: MaskedFrame) -> Detection:
        """Take the next masked frame."""
        with stage_timed("detect"):
            return self._detector.update(frame)

    def finish(self) -> tuple[AnomalyEvent, ...]:
        """End running events."""
        return self._detector.finish()


class Recorder:
    """A recorder; its name is what an operator reads when it is down."""

    def __init__(self, recorder: FrameSink) -> None:
        self._recorder = recorder

    def write(self, frame: MaskedFrame) -> None:
        """Take one frame."""
        with stage_timed("record"):
            self._recorder.write(frame)

    def close(self) -> None:
        """No more frames come."""
        self._recorder.close()


def measured_line(
    masking: Masking, detector: Detector | None, sinks: Sequence[FrameSink]
) -> tuple[Masking, Detector | None, list[FrameSink]]:
    """Return the parts of a line, measured."""
    return (
        MeasuredMasking(masking),
        MeasuredDetector(detector) if detector is not None else None,
        [Recorder(sink) if isinstance(sink, SegmentRecorder) else sink for sink in sinks],
    )


def _since(at: datetime) -> float:
    return max(0.0, (datetime.now(UTC) - at).total_seconds())


def _count(frames: Sequence[MaskedFrame]) -> None:
    for frame in frames:
        DELAY_SECONDS.labels("masked").observe(_since(frame.captured_at))
        if frame.withheld:
            withheld_count(frame.withheld.removeprefix(DOWN))
        else:
            COVERED_RATIO.observe(np.count_nonzero(frame.class_map) / frame.class_map.size)
