"""No event is lost or doubled on its way to the operator."""

from pathlib import Path

import pytest
from django.db import connection
from pytest_django import Settings

from alerts.models import Alert, AlertState, Severity
from inference.services.dispatch import streams_ensure
from inference.services.events import event_deliver, spool_deliver
from inference.spool import spool_parse, spool_waiting, spool_write
from paca_site.audit.models import AuditEntry
from tests.cast import make_camera, make_report

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
    Alert.objects.filter(camera=camera).update(state=AlertState.DISMISSED)
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
    from inference.leases import lease_claim

    lease_claim(camera_id=running.pk, owner="worker")
    started = streams_ensure()
    assert idle.pk in started
    assert running.pk not in started
    assert stopped.pk not in started
    assert idle.pk not in streams_ensure(), "a camera that waits in the queue is not queued again"
