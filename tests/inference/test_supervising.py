from datetime import datetime, timedelta
from typing import Any

import psycopg_pool
import pytest
import redis
from django.conf import LazySettings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from alerts.system.causes import Cause
from alerts.system.models import SystemAlert
from cameras.models import Camera
from inference import heartbeat as beating
from inference.core.health import PipelineHealth
from inference.disk import DiskState, growth_bytes_per_day
from inference.heartbeat import Heartbeat, database_now
from inference.judging import LineJudge
from inference.leases import lease_claim, lease_release
from inference.models import StreamState, StreamStatus, SystemSample, WorkerState
from inference.services import supervising
from inference.services.supervising import system_check, system_sample
from tests.cast import make_camera

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("services")]
GIB = 1 << 30


def make_health(**fields: Any) -> PipelineHealth:
    values: dict[str, Any] = dict.fromkeys(PipelineHealth.__dataclass_fields__, 0)
    values |= {"at": datetime.fromisoformat("2026-11-22T12:00:00+00:00"), "last_frame_at": None, "state": "live"}
    values |= {"masked": 10, "withheld_by_reason": {}, "sink_ms": {}, "sinks": {}, "masking": "ok", "detector": "ok"}
    return PipelineHealth(**{**values, **fields})


def make_worker(name: str = "w@host", **fields: Any) -> WorkerState:
    now = database_now()
    queues = ["default", "dispatch", "streams"]
    values = {"host": "host", "process": 7, "queues": queues, "started_at": now, "seen_at": now, **fields}
    return WorkerState.objects.create(name=name, **values)


def make_state(camera: Camera, **fields: Any) -> StreamState:
    values = {"status": StreamStatus.LIVE, "updated_at": database_now(), **fields}
    return StreamState.objects.update_or_create(camera=camera, defaults=values)[0]


def told() -> dict[tuple[str, str], str]:
    return {(alert.cause, alert.subject): alert.state for alert in SystemAlert.objects.told()}


@pytest.fixture
def pass_time(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Moves the clock by which things are checked."""
    shift = timedelta()

    def pass_s(seconds: float) -> None:
        nonlocal shift
        shift += timedelta(seconds=seconds)
        WorkerState.objects.filter(name__startswith="w@").update(seen_at=database_now() + shift)

    real = database_now
    monkeypatch.setattr(supervising, "database_now", lambda: real() + shift)
    return pass_s


def test_a_judge_says_what_is_wrong_and_what_is_not() -> None:
    health = make_health(
        masking="down: masking down: too slow",
        detector="down: no weights",
        sinks={"SegmentRecorder": "down: disk full"},
    )
    assert LineJudge().judge(health) == {
        Cause.CAMERA_LOST: "",
        Cause.MASKING_DOWN: "too slow",
        Cause.DETECTOR_DOWN: "no weights",
        Cause.RECORDING_STOPPED: "disk full",
        Cause.VAULT_STOPPED: "",
    }
    assert not any(LineJudge().judge(make_health(sinks={"SegmentRecorder": "ok", "LivePublisher": "down: x"})).values())
    assert LineJudge("Detector down: no file").judge(make_health())[Cause.DETECTOR_DOWN] == "no file"


def test_a_judge_says_nothing_of_what_it_cannot_know() -> None:
    assert LineJudge().judge(make_health(state="connecting")) == {}
    assert LineJudge().judge(make_health(masked=0)) == {}
    assert LineJudge().judge(make_health(state="lost: refused")) == {Cause.CAMERA_LOST: "refused"}


def test_frames_withheld_for_long_are_told_with_their_reasons(monkeypatch: pytest.MonkeyPatch) -> None:
    now_s = 1000.0
    monkeypatch.setattr("inference.judging.time.monotonic", lambda: now_s)
    judge, answers = LineJudge(), []
    for second in range(0, 130, 5):
        now_s = 1000.0 + second
        blurred = max(0, second - 60)
        health = make_health(masked=second * 5 - blurred, withheld=blurred, withheld_by_reason={"blurred": blurred})
        answers.append(judge.judge(health).get(Cause.FRAMES_WITHHELD))
    assert answers[:10] == [None] * 10  # nobody can say after some seconds
    assert answers[12] == ""
    assert answers[-1] == "20 % of the last minute's frames: blurred (60)"


def test_what_a_worker_said_of_its_camera_is_told() -> None:
    camera = make_camera()
    make_worker()
    make_state(camera, status=StreamStatus.LOST, faults={Cause.CAMERA_LOST: "refused"})
    system_check()
    system_check()
    assert told() == {(Cause.CAMERA_LOST, f"camera:{camera.pk}"): "active"}
    make_state(camera, faults={Cause.CAMERA_LOST: ""})
    system_check()
    assert told() == {(Cause.CAMERA_LOST, f"camera:{camera.pk}"): "quiet"}


def test_a_camera_that_nobody_runs_and_a_queue_that_nobody_serves_are_told(pass_time: Any) -> None:
    camera = make_camera()
    make_camera(is_enabled=False)
    make_worker("other@host", queues=["default", "dispatch"])
    make_state(camera, updated_at=database_now() - timedelta(seconds=11), faults={Cause.CAMERA_LOST: "old news"})
    system_check()
    assert told() == {}  # a worker that starts needs some seconds
    pass_time(5)
    WorkerState.objects.update(seen_at=database_now() + timedelta(seconds=16))
    pass_time(11)
    system_check()
    assert told() == {
        (Cause.CAMERA_UNWATCHED, f"camera:{camera.pk}"): "active",
        (Cause.NO_WORKER, "queue:streams"): "active",
    }


def test_a_check_costs_as_many_queries_for_thirty_cameras_as_for_three() -> None:
    make_worker()

    def queries(count: int) -> int:
        for _ in range(count):
            make_state(make_camera(), faults={Cause.CAMERA_LOST: "refused"})
        system_check()  # tells what is new
        with CaptureQueriesContext(connection) as captured:
            system_check()
        return len(captured)

    few = queries(3)
    assert queries(27) == few
    assert few <= 30


def test_a_worker_that_falls_silent_is_told_and_one_that_was_stopped_is_not() -> None:
    long_ago = database_now() - timedelta(seconds=30)
    make_worker()
    make_worker("dead@host", seen_at=long_ago)
    make_worker("stopped@host", seen_at=long_ago, stopped_at=long_ago)
    make_worker("gone@host", seen_at=long_ago - timedelta(days=2))
    system_check()
    assert told() == {(Cause.WORKER_LOST, "worker:dead@host"): "active"}
    assert not WorkerState.objects.filter(pk="gone@host").exists()


def test_a_worker_tells_that_the_process_before_it_died() -> None:
    make_worker("streams1@host", process=1, seen_at=database_now() - timedelta(seconds=1))
    Heartbeat("streams1@host", ["streams"], 8).beat()
    alert = SystemAlert.objects.told().get()
    assert (alert.cause, alert.subject) == (Cause.WORKER_LOST, "worker:streams1@host")
    assert "Process 1 ended" in alert.reason
    again = Heartbeat("stopped@host", ["streams"], 8)
    again.beat(is_last=True)
    Heartbeat("stopped@host", ["streams"], 8).beat()
    assert SystemAlert.objects.count() == 1


def test_an_absence_of_the_database_is_told_when_it_answers_again(monkeypatch: pytest.MonkeyPatch) -> None:
    worker = Heartbeat("w@host", ["streams"], 8)
    worker.beat()

    def away() -> float:
        raise psycopg_pool.PoolTimeout("no connection after 3 s")

    with monkeypatch.context() as patch:
        patch.setattr(beating, "clock_offset_ms", away)
        worker.beat()
        worker.beat()
    assert not SystemAlert.objects.exists()
    worker.beat()
    alert = SystemAlert.objects.told().get()
    assert (alert.cause, alert.state) == (Cause.DATABASE_AWAY, "quiet")
    assert alert.raised_at is not None
    assert alert.began_at < alert.raised_at


def test_valkey_away_and_a_clock_that_is_off_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    class Away:
        def ping(self) -> None:
            raise redis.ConnectionError("refused")

    worker = Heartbeat("w@host", ["streams"], 8)
    monkeypatch.setattr(beating, "valkey", Away)
    monkeypatch.setattr(beating, "clock_offset_ms", lambda: -1500.0)
    worker.beat()
    alerts = {alert.cause: alert for alert in SystemAlert.objects.all()}
    assert set(alerts) == {Cause.VALKEY_AWAY, Cause.CLOCK_OFFSET}
    assert alerts[Cause.VALKEY_AWAY].reason == "refused"
    assert alerts[Cause.CLOCK_OFFSET].reason == "1.5 s behind the database's"


def test_the_clock_of_one_machine_is_measured_against_the_database() -> None:
    assert abs(beating.clock_offset_ms()) < 1000


def test_a_new_turn_adds_up_the_counts_of_the_one_before() -> None:
    camera = make_camera()
    make_state(camera, frames_withheld=5, withheld_before=2, frames_dropped=1, faults={Cause.CAMERA_LOST: "x"})
    lease = lease_claim(camera_id=camera.pk, owner="test")
    assert lease is not None
    lease_release(lease)
    state = StreamState.objects.get(pk=camera.pk)
    assert (state.withheld_before, state.frames_withheld, state.dropped_before, state.faults) == (7, 0, 1, {})


def test_a_sample_says_how_the_system_is_in_this_minute(tmp_path: Any, settings: LazySettings) -> None:
    settings.FOOTAGE_DIR = tmp_path / "not" / "there" / "yet"
    first, second = make_camera(), make_camera()
    make_state(first, fps_in=5, fps_out=4, mask_ms=20, lag_ms=300, frames_withheld=3, withheld_before=4)
    make_state(second, status=StreamStatus.LOST, fps_in=1, frames_dropped=2)
    SystemSample.objects.create(at=database_now() - timedelta(hours=26))
    sample = system_sample()
    system_sample()
    assert SystemSample.objects.count() <= 2  # the minute may end between the two
    assert (sample.cameras_running, sample.cameras_live, sample.fps_in) == (2, 1, 6)
    assert (sample.frames_withheld, sample.frames_dropped, sample.mask_ms, sample.lag_ms) == (7, 2, 20, 300)
    assert sample.disk_free_bytes > 0


def test_a_disk_that_fills_up_says_when_it_is_full() -> None:
    start = datetime.fromisoformat("2026-11-22T00:00:00+00:00")
    samples = [
        SystemSample(at=start + timedelta(hours=hour), disk_used_bytes=100 * GIB + hour * GIB) for hour in range(24)
    ]
    growth = growth_bytes_per_day(samples)
    assert growth == pytest.approx(24 * GIB)
    assert growth_bytes_per_day(samples[:2]) is None
    assert DiskState(0, 49 * GIB, growth).days_to_full == pytest.approx(2.0)
    assert DiskState(0, 49 * GIB, growth).filling_words.startswith("Full in 2.0 days: 49.0 GiB are free")
    assert not DiskState(0, 490 * GIB, growth).filling_words
    assert not DiskState(0, 49 * GIB, -growth if growth else None).filling_words
    assert DiskState(0, GIB // 2, growth).full_words
    assert not DiskState(0, GIB // 2, growth).filling_words


def test_a_full_disk_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervising, "disk_now", lambda folder: (99 * GIB, GIB // 4))
    system_sample()
    assert told() == {(Cause.DISK_FULL, "disk:footage"): "active"}
