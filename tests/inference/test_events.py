"""No event is lost or doubled on its way to the operator."""

import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from alerts.models import Alert, AlertState, ClipState, Severity
from inference.leases import lease_claim
from inference.services import events
from inference.services.clips import clips_missing
from inference.services.dispatch import streams_ensure
from inference.services.events import event_deliver, events_close_stale, spool_deliver
from inference.sinks import EventSpool
from inference.spool import spool_parse, spool_waiting, spool_write
from inference.writer import StreamWriter
from paca_site.audit.models import AuditEntry
from tests.cast import make_alert, make_camera, make_report
from tests.inference.core.line_parts import event

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("services")]


@pytest.fixture(autouse=True)
def spool(settings: Settings, tmp_path: Path) -> Path:
    folder = tmp_path / "spool"
    settings.SPOOL_DIR = folder
    return folder


def test_what_is_spooled_is_read_back_as_it_was() -> None:
    report = make_report()
    camera_id, read = spool_parse(spool_write(7, report).read_bytes())
    assert (camera_id, read) == (7, report)


def test_a_killed_worker_s_event_becomes_one_alert_when_it_is_delivered_twice() -> None:
    camera = make_camera()
    report = make_report()
    path = spool_write(camera.pk, report)
    assert event_deliver(path) is not None
    spool_write(camera.pk, report)  # killed between commit and clearing: the file is still there
    spool_deliver()
    assert Alert.objects.filter(camera=camera).count() == 1
    assert AuditEntry.objects.filter(action="alert.raised").count() == 1
    assert not list(spool_waiting())


def test_a_spooled_event_stays_until_its_alert_is_committed(monkeypatch: pytest.MonkeyPatch) -> None:
    path = spool_write(make_camera().pk, make_report())
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE alerts_alert RENAME TO alerts_alert_away")
        try:
            with pytest.raises(Exception, match="alerts_alert"):
                event_deliver(path)
        finally:
            cursor.execute("ALTER TABLE alerts_alert_away RENAME TO alerts_alert")
    assert path.exists()
    spool_deliver()
    assert Alert.objects.count() == 1


def test_an_event_that_goes_on_extends_its_alert_and_never_goes_back() -> None:
    camera = make_camera()
    started = make_report(confidence=40.0)
    ended = make_report(
        event_id=started.event_id, confidence=85.0, started_at=started.started_at, ended_at=started.peak_at
    )
    for report in (started, ended, started):
        event_deliver(spool_write(camera.pk, report))
    alert = Alert.objects.get(camera=camera)
    assert alert.ended_at == ended.ended_at
    assert alert.severity == Severity.HIGH


def test_an_event_that_ends_after_the_decision_leaves_the_decision_alone() -> None:
    camera = make_camera()
    started = make_report()
    event_deliver(spool_write(camera.pk, started))
    Alert.objects.filter(camera=camera).update(state=AlertState.DISMISSED, due_at=None)
    event_deliver(spool_write(camera.pk, make_report(event_id=started.event_id, ended_at=started.peak_at)))
    assert Alert.objects.get(camera=camera).state == AlertState.DISMISSED


def test_a_damaged_spool_file_is_set_aside_and_holds_nothing_up(spool: Path) -> None:
    camera = make_camera()
    spool_write(camera.pk, make_report())
    (spool / "0-broken.json").write_text("{")
    assert spool_deliver() == 1
    assert [path.name for path in spool.iterdir()] == ["0-broken.unreadable"]


def test_only_cameras_that_should_run_and_do_not_are_given_a_turn() -> None:
    running, stopped, idle = make_camera(), make_camera(is_enabled=False), make_camera()
    lease_claim(camera_id=running.pk, owner="worker")
    started = streams_ensure()
    assert idle.pk in started
    assert running.pk not in started
    assert stopped.pk not in started
    assert idle.pk not in streams_ensure(), "a camera that waits in the queue is not queued again"


def test_an_event_that_can_never_be_stored_holds_no_other_up() -> None:
    camera = make_camera()
    spool_write(camera.pk, replace(make_report(), facts={"speed": float("nan")}))
    spool_write(camera.pk, replace(make_report(), sentence=""))
    spool_write(camera.pk, make_report())
    assert spool_deliver() == 1
    assert Alert.objects.count() == 1
    assert not list(spool_waiting())


def test_a_newer_state_written_during_a_delivery_is_not_deleted_with_the_older_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    camera, report = make_camera(), make_report()
    older = spool_write(camera.pk, report)
    deliver = events.report_deliver

    def deliver_slowly(*args: object) -> object:
        alert = deliver(*args)  # type: ignore[arg-type]
        spool_write(camera.pk, replace(report, ended_at=report.peak_at))
        return alert

    monkeypatch.setattr(events, "report_deliver", deliver_slowly)
    event_deliver(older)
    monkeypatch.undo()
    assert len(list(spool_waiting())) == 1
    assert spool_deliver() == 1
    assert Alert.objects.get().ended_at == report.peak_at


def test_only_the_newest_state_of_an_event_waits() -> None:
    report = make_report()
    for score in (0.6, 0.7, 0.8):
        path = spool_write(7, replace(report, score=score))
    assert list(spool_waiting()) == [path]


def test_an_older_state_delivered_late_does_not_overwrite_a_newer_one() -> None:
    camera, report = make_camera(), make_report(score=0.9)
    event_deliver(spool_write(camera.pk, report))
    event_deliver(spool_write(camera.pk, replace(report, score=0.6)))
    assert Alert.objects.get().score == 0.9


def test_a_long_event_that_is_still_reported_is_not_ended_for_its_early_peak() -> None:
    camera = make_camera()
    long_ago = timezone.now() - timedelta(minutes=5)
    report = make_report(started_at=long_ago, peak_at=long_ago)
    event_deliver(spool_write(camera.pk, report))
    Alert.objects.update(raised_at=long_ago, reported_at=long_ago)
    event_deliver(spool_write(camera.pk, report))
    assert events_close_stale() == 0
    assert Alert.objects.get().ended_at is None


def test_an_alert_whose_worker_fell_silent_ends_and_opens_again_when_the_event_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[int] = []
    monkeypatch.setattr(events, "clip_request", lambda alert_id, *, is_final: asked.append(alert_id))
    camera = make_camera()
    report = make_report(facts={"people": 4.0, "duration_s": 7.0})
    event_deliver(spool_write(camera.pk, report))
    Alert.objects.update(reported_at=timezone.now() - timedelta(minutes=2))
    asked.clear()
    assert events_close_stale() == 1
    alert = Alert.objects.get()
    assert (alert.ended_at, alert.is_end_assumed) == (report.started_at + timedelta(seconds=7), True)
    assert asked == [alert.pk], "its clip gets its post-roll"
    event_deliver(spool_write(camera.pk, report))
    alert.refresh_from_db()
    assert (alert.ended_at, alert.is_end_assumed) == (None, False)


def test_an_event_on_a_full_disk_reaches_the_database_without_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    camera = make_camera()
    lease = lease_claim(camera_id=camera.pk, owner="first")
    assert lease is not None

    def refuse(*args: object) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("inference.sinks.spool_write", refuse)
    writer = StreamWriter(lease, threading.Event())
    EventSpool(lease, writer).raise_event(event("started"))
    writer.start()
    writer.finish()
    assert Alert.objects.filter(camera=camera).count() == 1


def test_a_clip_that_ends_before_its_post_roll_is_asked_for_again_for_a_while() -> None:
    now = timezone.now()
    ended_at = now - timedelta(seconds=60)
    ready: dict[str, Any] = {
        "clip_state": ClipState.READY,
        "started_at": ended_at - timedelta(seconds=10),
        "ended_at": ended_at,
    }
    cut = {**ready, "clip_started_at": ended_at - timedelta(seconds=10), "reported_at": ended_at}
    short = make_alert(clip_duration_s=11.0, **cut)
    make_alert(clip_duration_s=30.0, **cut)
    make_alert(clip_duration_s=11.0, **{**cut, "reported_at": now - timedelta(minutes=20)})
    assert clips_missing() == [short.pk]
