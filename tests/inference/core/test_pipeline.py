import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from inference.core import pipeline as pipeline_module
from inference.core.decode.reader import Reader, ReaderConfig
from inference.core.decode.source import SourceConfig
from inference.core.errors import DecodeError
from inference.core.frames import MaskedFrame, RawFrame
from inference.core.health import MAX_REASONS, Reasons
from inference.core.masking.registry import create_masker
from inference.core.masking.stage import MaskingStage
from inference.core.pipeline import Pipeline
from inference.core.recording.segments import RecorderConfig, Segment, SegmentRecorder
from tests.inference.core.line_parts import Alarm, Cover, Desk, Frames, OtherSink, Sink, event, indices, raws
from tests.inference.frames import raw_frame
from tests.rtsp_server import make_clip


def test_every_frame_reaches_every_sink_and_the_detector_masked_and_in_order() -> None:
    one, other, detector, reader = Sink(), OtherSink(), Alarm(), Frames(raws(20))
    health = Pipeline(reader, Cover(), detector, [one, other], None).run(threading.Event())
    assert indices(one) == indices(other) == detector.seen == list(range(20))
    assert all(isinstance(frame, MaskedFrame) for frame in one.got)
    assert (one.closed, other.closed, reader.stopped) == (1, 1, True)
    assert (health.decoded, health.masked, health.withheld, health.reasons) == (20, 20, 0, ())


def test_a_sink_that_fails_stops_neither_the_other_sinks_nor_detection() -> None:
    one, other, detector = Sink(broken=range(5, 100)), OtherSink(), Alarm(start=8)
    desk = Desk()
    health = Pipeline(Frames(raws(20)), Cover(), detector, [one, other], desk).run(threading.Event())
    assert indices(one) == list(range(5))
    assert indices(other) == list(range(20))
    assert desk.got == ["started", "ended"]
    assert health.sinks["OtherSink"] == "ok"


def test_a_failing_sink_is_shown_and_its_recovery_too() -> None:
    seen: list[str] = []
    sink = Sink(broken=range(5, 10))

    class Watch(OtherSink):
        def write(self, frame: MaskedFrame) -> None:
            seen.append(pipeline._measure().sinks["Sink"])

    pipeline = Pipeline(Frames(raws(20)), Cover(), None, [sink, Watch()], None)
    pipeline.run(threading.Event())
    assert set(seen[5:10]) == {"down: the disk is full."}
    assert set(seen[10:]) == {"ok"}


def test_a_detector_that_fails_stops_no_picture() -> None:
    sink, detector = Sink(), Alarm(broken=range(3, 20))
    health = Pipeline(Frames(raws(20)), Cover(), detector, [sink], None).run(threading.Event())
    assert indices(sink) == list(range(20))
    assert detector.seen == [0, 1, 2]
    assert health.masked == 20


def test_detector_down_is_a_reason() -> None:
    detector = Alarm(broken=range(100))
    pipeline = Pipeline(Frames(raws(5)), Cover(), detector, [], None)
    pipeline._take(raw_frame(0))
    pipeline._take(raw_frame(1))
    assert pipeline._measure().reasons == ("Detector down: no people to divide by",)


def test_a_masker_that_raises_lets_no_frame_through() -> None:
    sink, detector = Sink(), Alarm()
    health = Pipeline(Frames(raws(10)), Cover(broken=range(4, 7)), detector, [sink], None).run(threading.Event())
    assert indices(sink) == detector.seen == [0, 1, 2, 3, 7, 8, 9]
    assert health.withheld == 3


def test_withheld_frames_are_passed_on_counted_and_shown_as_masking_down() -> None:
    sink = Sink()
    health = Pipeline(Frames(raws(6)), Cover(withheld=range(3, 6)), None, [sink], None).run(threading.Event())
    assert indices(sink) == list(range(6))
    assert (health.masked, health.withheld) == (3, 3)
    assert sum(health.withheld_by_reason.values()) == 3
    assert health.masking == "down: it is slow"
    assert health.reasons == ("Masking down: it is slow",)


def test_something_unmasked_is_an_error_and_reaches_no_sink() -> None:
    class Liar(Cover):
        def push(self, frame: RawFrame) -> list[MaskedFrame]:
            return [frame]  # type: ignore[list-item]

    sink = Sink()
    with pytest.raises(TypeError, match="Only a MaskedFrame"):
        Pipeline(Frames(raws(3)), Liar(), None, [sink], None).run(threading.Event())
    assert sink.got == []
    assert sink.closed == 1


def test_an_event_that_is_refused_is_offered_again_and_handed_over_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline_module, "RETRY_EVENTS_S", 0.05)
    desk = Desk(refusals=3)
    given: list[RawFrame | None] = [*raws(5), *[None] * 20]
    health = Pipeline(Frames(given), Cover(), Alarm(start=1), [], desk).run(threading.Event())
    assert desk.got == ["started", "ended"]
    assert (health.events_raised, health.events_pending) == (2, 0)


def test_events_that_cannot_be_handed_over_are_shown_and_a_start_is_never_given_up() -> None:
    pipeline = Pipeline(Frames(raws(1)), Cover(), None, [], Desk(refusals=10**9))
    pipeline._keep([event("started", number) for number in range(600)])
    pipeline._keep([event("ongoing") for _ in range(600)])
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
    given: list[RawFrame | None] = [*raws(3), *[None] * 10]
    reader = Frames(given)
    real_get = reader.get

    def get(timeout_s: float) -> RawFrame | None:
        if len(given) == 1:
            at_silence.extend((indices(sink), list(desk.got)))
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
        Pipeline(Broken(raws(1)), Cover(), None, [sink], None).run(threading.Event())
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


def test_a_turn_s_end_waits_for_a_running_event_but_not_for_ever() -> None:
    silence: list[RawFrame | None] = [None] * 100
    quiet, running = Frames([*raws(3), *silence]), Frames([*raws(3), *silence])
    Pipeline(quiet, Cover(), Alarm(), [], Desk()).run(threading.Event(), deadline_s=0.1, overtime_s=0.4)
    line = Pipeline(running, Cover(), Alarm(start=1), [], Desk())
    line.run(threading.Event(), deadline_s=0.1, overtime_s=0.4)
    assert 0 < len(running.given) < len(quiet.given) - 5
    assert not line.has_running_event


def test_reasons_without_end_take_no_memory_without_end() -> None:
    reasons = Reasons()
    for number in range(50):
        reasons.count(f"reason {number}")
    assert len(reasons.counts) <= MAX_REASONS + 1
    assert sum(reasons.counts.values()) == 50
