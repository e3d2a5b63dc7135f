import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest

from inference.core import pipeline as pipeline_module
from inference.core.decode.reader import Reader, ReaderConfig
from inference.core.decode.source import SourceConfig
from inference.core.detection.base import Detection
from inference.core.errors import DecodeError, MaskingError, RecordingError
from inference.core.events import AnomalyEvent, Phase
from inference.core.frames import MaskedFrame, RawFrame
from inference.core.masking.registry import create_masker
from inference.core.masking.stage import MaskingStage
from inference.core.pipeline import Pipeline
from inference.core.recording.segments import RecorderConfig, Segment, SegmentRecorder
from tests.inference.frames import START, masked_frame, raw_frame
from tests.rtsp_server import make_clip


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
        return Detection(0.9, None, (_event("started"),) if frame.index == self.start else ())

    def finish(self) -> tuple[AnomalyEvent, ...]:
        return (_event("ended"),) if self.start in self.seen else ()


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


def _event(phase: Phase, number: int = 0) -> AnomalyEvent:
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


def _raws(count: int) -> list[RawFrame | None]:
    return [raw_frame(index) for index in range(count)]


def _indices(sink: Sink) -> list[int]:
    return [frame.index for frame in sink.got if isinstance(frame, MaskedFrame)]


def test_every_frame_reaches_every_sink_and_the_detector_masked_and_in_order() -> None:
    one, other, detector, reader = Sink(), OtherSink(), Alarm(), Frames(_raws(20))
    health = Pipeline(reader, Cover(), detector, [one, other], None).run(threading.Event())
    assert _indices(one) == _indices(other) == detector.seen == list(range(20))
    assert all(isinstance(frame, MaskedFrame) for frame in one.got)
    assert (one.closed, other.closed, reader.stopped) == (1, 1, True)
    assert (health.decoded, health.masked, health.withheld, health.reasons) == (20, 20, 0, ())


def test_a_sink_that_fails_stops_neither_the_other_sinks_nor_detection() -> None:
    one, other, detector = Sink(broken=range(5, 100)), OtherSink(), Alarm(start=8)
    desk = Desk()
    health = Pipeline(Frames(_raws(20)), Cover(), detector, [one, other], desk).run(threading.Event())
    assert _indices(one) == list(range(5))
    assert _indices(other) == list(range(20))
    assert desk.got == ["started", "ended"]
    assert health.sinks["OtherSink"] == "ok"


def test_a_failing_sink_is_shown_and_its_recovery_too() -> None:
    seen: list[str] = []
    sink = Sink(broken=range(5, 10))

    class Watch(OtherSink):
        def write(self, frame: MaskedFrame) -> None:
            seen.append(pipeline._measure().sinks["Sink"])

    pipeline = Pipeline(Frames(_raws(20)), Cover(), None, [sink, Watch()], None)
    pipeline.run(threading.Event())
    assert set(seen[5:10]) == {"down: the disk is full."}
    assert set(seen[10:]) == {"ok"}


def test_a_detector_that_fails_stops_no_picture() -> None:
    sink, detector = Sink(), Alarm(broken=range(3, 20))
    health = Pipeline(Frames(_raws(20)), Cover(), detector, [sink], None).run(threading.Event())
    assert _indices(sink) == list(range(20))
    assert detector.seen == [0, 1, 2]
    assert health.masked == 20


def test_detector_down_is_a_reason() -> None:
    detector = Alarm(broken=range(100))
    pipeline = Pipeline(Frames(_raws(5)), Cover(), detector, [], None)
    pipeline._take(raw_frame(0))
    pipeline._take(raw_frame(1))
    assert pipeline._measure().reasons == ("Detector down: no people to divide by",)


def test_a_masker_that_raises_lets_no_frame_through() -> None:
    sink, detector = Sink(), Alarm()
    health = Pipeline(Frames(_raws(10)), Cover(broken=range(4, 7)), detector, [sink], None).run(threading.Event())
    assert _indices(sink) == detector.seen == [0, 1, 2, 3, 7, 8, 9]
    assert health.withheld == 3


def test_withheld_frames_are_passed_on_counted_and_shown_as_masking_down() -> None:
    sink = Sink()
    health = Pipeline(Frames(_raws(6)), Cover(withheld=range(3, 6)), None, [sink], None).run(threading.Event())
    assert _indices(sink) == list(range(6))
    assert (health.masked, health.withheld) == (3, 3)
    assert health.masking == "down: it is slow"
    assert health.reasons == ("Masking down: it is slow",)


def test_something_unmasked_is_an_error_and_reaches_no_sink() -> None:
    class Liar(Cover):
        def push(self, frame: RawFrame) -> list[MaskedFrame]:
            return [frame]  # type: ignore[list-item]

    sink = Sink()
    with pytest.raises(TypeError, match="Only a MaskedFrame"):
        Pipeline(Frames(_raws(3)), Liar(), None, [sink], None).run(threading.Event())
    assert sink.got == []
    assert sink.closed == 1


def test_an_event_that_is_refused_is_offered_again_and_handed_over_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline_module, "RETRY_EVENTS_S", 0.05)
    desk = Desk(refusals=3)
    given: list[RawFrame | None] = [*_raws(5), *[None] * 20]
    health = Pipeline(Frames(given), Cover(), Alarm(start=1), [], desk).run(threading.Event())
    assert desk.got == ["started", "ended"]
    assert (health.events_raised, health.events_pending) == (2, 0)


def test_events_that_cannot_be_handed_over_are_shown_and_a_start_is_never_given_up() -> None:
    pipeline = Pipeline(Frames(_raws(1)), Cover(), None, [], Desk(refusals=10**9))
    pipeline._keep([_event("started", number) for number in range(600)])
    pipeline._keep([_event("ongoing") for _ in range(600)])
    pipeline._deliver()
    health = pipeline._measure()
    assert health.events_pending == pipeline_module.MAX_PENDING
    assert sum(event.phase == "started" for event in pipeline._pending) == 600
    assert "wait to be handed over" in health.reasons[-1]


def test_a_camera_that_falls_silent_releases_held_frames_and_ends_running_events(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pipeline_module, "LOST_S", 0.05)
    sink, desk = Sink(), Desk()
    at_silence: list[object] = []
    given: list[RawFrame | None] = [*_raws(3), *[None] * 10]
    reader = Frames(given)
    real_get = reader.get

    def get(timeout_s: float) -> RawFrame | None:
        if len(given) == 1:
            at_silence.extend((_indices(sink), list(desk.got)))
        return real_get(timeout_s)

    reader.get = get  # type: ignore[method-assign]
    Pipeline(reader, Cover(), Alarm(start=0), [sink], desk).run(threading.Event())
    assert at_silence == [[0, 1, 2], ["started", "ended"]]


def test_an_unreadable_file_is_told_after_everything_is_closed() -> None:
    class Broken(Frames):
        def get(self, timeout_s: float) -> RawFrame | None:
            raise DecodeError("it stopped.")

    sink = Sink()
    with pytest.raises(DecodeError):
        Pipeline(Broken(_raws(1)), Cover(), None, [sink], None).run(threading.Event())
    assert sink.closed == 1


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return make_clip(tmp_path / "shapes.mp4", seconds=2.0, fps=10)


def _real_line(clip: Path, folder: Path, on_segment: Callable[[Segment], None]) -> Pipeline:
    masker = create_masker("cover-all")
    recorder = SegmentRecorder(RecorderConfig(folder, masker.fingerprint), on_segment)
    reader = Reader(SourceConfig(str(clip), target_fps=5, loop=True, realtime=True), ReaderConfig())
    return Pipeline(reader, MaskingStage(masker), None, [recorder], None)


def test_the_real_parts_together_record_a_camera_and_stop_when_told(clip: Path, tmp_path: Path) -> None:
    told: list[Segment] = []
    pipeline = _real_line(clip, tmp_path / "segments", told.append)
    stop = threading.Event()
    thread = threading.Thread(target=pipeline.run, args=(stop,))
    thread.start()
    time.sleep(3.0)
    health = pipeline.health
    stop.set()
    thread.join(3.0)
    assert not thread.is_alive()
    assert health.state == "live"
    assert health.fps_out == pytest.approx(5.0, abs=1.5)
    assert health.lag_ms < 500
    closed = [segment for segment in told if segment.ended_at is not None]
    assert sum(segment.frames for segment in closed) >= 10


def test_a_deadline_ends_the_run(clip: Path, tmp_path: Path) -> None:
    started_s = time.monotonic()
    _real_line(clip, tmp_path / "segments", lambda _: None).run(threading.Event(), deadline_s=0.6)
    assert 0.5 < time.monotonic() - started_s < 2.5
