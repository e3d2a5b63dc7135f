"""Stand-ins for the parts of the line: a reader, masking, sinks, a detector and a desk, each of which can fail."""

import time
from dataclasses import dataclass, field
from datetime import datetime

from inference.core.detection.base import Detection
from inference.core.errors import MaskingError, RecordingError
from inference.core.events import AnomalyEvent, Phase
from inference.core.frames import MaskedFrame, RawFrame
from tests.inference.frames import START, masked_frame, raw_frame


@dataclass
class Frames:
    """A reader that gives frames from a list; None is a silence."""

    given: list[RawFrame | None]
    state: str = "live"
    last_frame_at: datetime | None = None
    decoded: int = 0
    dropped: int = 0
    damaged: int = 0
    reconnects: int = 0
    stopped: bool = False

    @property
    def is_ended(self) -> bool:
        return not self.given

    def start(self) -> None:
        self.state = "live"

    def get(self, timeout_s: float) -> RawFrame | None:
        frame = self.given.pop(0)
        if frame is None:
            time.sleep(0.02)
            return None
        self.decoded += 1
        self.last_frame_at = frame.captured_at
        return frame

    def stop(self) -> None:
        self.stopped = True


class Cover:
    """Masking that keeps one frame back, as look-ahead does."""

    def __init__(self, broken: range = range(0), withheld: range = range(0)) -> None:
        self._held: list[MaskedFrame] = []
        self._broken, self._withheld = broken, withheld

    def push(self, frame: RawFrame) -> list[MaskedFrame]:
        if frame.index in self._broken:
            raise MaskingError("the network gave NaN.")
        reason = "it is slow" if frame.index in self._withheld else ""
        self._held.append(masked_frame(frame.index, frame.pts_s, withheld=reason))
        return [self._held.pop(0)] if len(self._held) > 1 else []

    def flush(self) -> list[MaskedFrame]:
        held, self._held = self._held, []
        return held


@dataclass
class Sink:
    """Remembers what it got; raises for the frames in `broken`."""

    broken: range = range(0)
    got: list[object] = field(default_factory=list)
    closed: int = 0

    def write(self, frame: MaskedFrame) -> None:
        if frame.index in self.broken:
            raise RecordingError("the disk is full.")
        self.got.append(frame)

    def close(self) -> None:
        self.closed += 1


class OtherSink(Sink):
    pass


@dataclass
class Alarm:
    """A detector that starts an event with frame `start`; raises for the frames in `broken`."""

    start: int = -1
    broken: range = range(0)
    seen: list[int] = field(default_factory=list)
    fingerprint: str = "def456"

    def update(self, frame: MaskedFrame) -> Detection:
        if frame.index in self.broken:
            raise ZeroDivisionError("no people to divide by")
        self.seen.append(frame.index)
        return Detection(0.9, None, (event("started"),) if frame.index == self.start else ())

    def finish(self) -> tuple[AnomalyEvent, ...]:
        return (event("ended"),) if self.start in self.seen else ()


@dataclass
class Desk:
    """An event sink that refuses the first `refusals` offers."""

    refusals: int = 0
    offers: int = 0
    got: list[str] = field(default_factory=list)

    def raise_event(self, event: AnomalyEvent) -> None:
        self.offers += 1
        if self.offers <= self.refusals:
            raise ConnectionError("the database is away.")
        self.got.append(event.phase)


def event(phase: Phase, number: int = 0) -> AnomalyEvent:
    return AnomalyEvent(
        event_id=f"{number:032x}",
        phase=phase,
        kind="unusual-movement",
        started_at=START,
        peak_at=START,
        score=0.9,
        confidence=80.0,
        threshold=0.5,
        sentence="Several people moving fast.",
        facts={},
        region=((0.1, 0.1), (0.2, 0.1), (0.2, 0.2)),
        regions=(),
        scores=(),
        masker="abc",
        detector="def",
    )


def raws(count: int) -> list[RawFrame | None]:
    return [raw_frame(index) for index in range(count)]


def indices(sink: Sink) -> list[int]:
    return [frame.index for frame in sink.got if isinstance(frame, MaskedFrame)]
