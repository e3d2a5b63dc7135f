from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from alerts.system.causes import RULES, Cause
from alerts.system.models import Supervision, SystemAlert
from alerts.system.services.acknowledging import AlreadyAcknowledged, system_alert_acknowledge
from alerts.system.services.telling import (
    KEPT_FOR,
    Finding,
    findings_tell,
    history_purge,
    stopped_cameras_end,
    supervision_note,
    vanished_end,
)
from cameras.models import Camera
from paca_site.accounts.models import Role
from paca_site.audit.models import AuditEntry
from tests.cast import make_camera, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("services")]
START = datetime.fromisoformat("2026-11-22T12:00:00+00:00")


@pytest.fixture
def camera() -> Camera:
    return make_camera()


def tell(camera: Camera, cause: Cause, after_s: float, reason: str = "") -> int:
    at = START + timedelta(seconds=after_s)
    return findings_tell([Finding(cause, f"camera:{camera.pk}", reason, at, camera.pk)])


def test_a_camera_that_is_lost_is_told_at_once_and_only_once(camera: Camera) -> None:
    for second in range(0, 20, 2):
        tell(camera, Cause.CAMERA_LOST, second, "no frame for 3 s")
    alert = SystemAlert.objects.told().get()
    assert (alert.cause, alert.camera_id, alert.reason) == (Cause.CAMERA_LOST, camera.pk, "no frame for 3 s")
    assert (alert.began_at, alert.count, alert.state) == (START, 1, "active")


def test_what_is_over_soon_is_never_told(camera: Camera) -> None:
    tell(camera, Cause.MASKING_DOWN, 0, "a cut")
    assert not SystemAlert.objects.told().exists()
    tell(camera, Cause.MASKING_DOWN, 3)
    assert not SystemAlert.objects.exists()


def test_what_lasts_is_told_when_it_has_lasted(camera: Camera) -> None:
    for second in (0, 2, 4):
        tell(camera, Cause.MASKING_DOWN, second, "too slow")
    assert not SystemAlert.objects.told().exists()
    tell(camera, Cause.MASKING_DOWN, 6, "too slow")
    assert SystemAlert.objects.told().get().began_at == START


def test_what_lasted_and_is_over_before_anybody_could_be_told_is_told_afterwards(camera: Camera) -> None:
    tell(camera, Cause.MASKING_DOWN, 0, "too slow")
    tell(camera, Cause.MASKING_DOWN, 30)
    alert = SystemAlert.objects.told().get()
    assert (alert.state, alert.lasted) == ("quiet", timedelta(seconds=30))


def test_a_camera_that_comes_and_goes_is_one_alert_with_a_count(camera: Camera) -> None:
    for cycle in range(5):
        tell(camera, Cause.CAMERA_LOST, cycle * 40, "refused")
        tell(camera, Cause.CAMERA_LOST, cycle * 40 + 20)
    alert = SystemAlert.objects.get()
    assert (alert.count, alert.state) == (5, "quiet")
    tell(camera, Cause.CAMERA_LOST, 4 * 40 + 20 + 60)
    alert.refresh_from_db()
    assert (alert.state, alert.ended_at) == ("ended", START + timedelta(seconds=180))
    tell(camera, Cause.CAMERA_LOST, 1000, "refused")
    assert SystemAlert.objects.count() == 2


def test_older_news_change_nothing(camera: Camera) -> None:
    tell(camera, Cause.CAMERA_LOST, 10, "refused")
    tell(camera, Cause.CAMERA_LOST, 5)
    assert SystemAlert.objects.get().state == "active"
    tell(camera, Cause.CAMERA_LOST, 20)
    tell(camera, Cause.CAMERA_LOST, 15, "refused")
    alert = SystemAlert.objects.get()
    assert (alert.state, alert.count) == ("quiet", 1)


def test_the_database_allows_one_open_alert_per_cause_and_thing(camera: Camera) -> None:
    tell(camera, Cause.CAMERA_LOST, 0, "refused")
    with pytest.raises(IntegrityError), transaction.atomic():
        SystemAlert.objects.create(cause=Cause.CAMERA_LOST, subject=f"camera:{camera.pk}", began_at=START)
    tell(camera, Cause.DETECTOR_DOWN, 0, "no weights")
    assert SystemAlert.objects.count() == 2


def test_one_that_lost_the_race_to_begin_changes_nothing(camera: Camera, monkeypatch: pytest.MonkeyPatch) -> None:
    tell(camera, Cause.CAMERA_LOST, 0, "refused")
    monkeypatch.setattr("alerts.system.services.telling._open_alerts", lambda findings: {})
    assert tell(camera, Cause.CAMERA_LOST, 0, "refused") == 0
    assert SystemAlert.objects.count() == 1


def test_stopping_a_camera_ends_what_was_wrong_with_it(camera: Camera) -> None:
    tell(camera, Cause.CAMERA_LOST, 0, "refused")
    tell(camera, Cause.MASKING_DOWN, 0, "too slow")
    assert stopped_cameras_end(START + timedelta(seconds=1)) == 0
    Camera.objects.filter(pk=camera.pk).update(is_enabled=False)
    assert stopped_cameras_end(START + timedelta(seconds=9)) == 1
    assert SystemAlert.objects.get().ended_at == START + timedelta(seconds=9)


def test_a_thing_that_no_longer_exists_ends_its_alert() -> None:
    findings_tell([Finding(Cause.WORKER_LOST, f"worker:w{number}", "gone", START) for number in (1, 2)])
    calm = RULES[Cause.WORKER_LOST].calm
    for after in (timedelta(seconds=1), timedelta(seconds=1) + calm):
        vanished_end(cause=Cause.WORKER_LOST, subjects=["worker:w1"], at=START + after)
    assert {alert.subject: alert.state for alert in SystemAlert.objects.all()} == {
        "worker:w1": "active",
        "worker:w2": "ended",
    }


def test_a_silence_of_the_supervision_is_told_when_it_is_over() -> None:
    assert not supervision_note(START)
    assert not supervision_note(START + timedelta(seconds=2))
    assert not SystemAlert.objects.exists()
    assert supervision_note(START + timedelta(seconds=62))
    alert = SystemAlert.objects.told().get()
    assert (alert.cause, alert.state, alert.lasted) == (Cause.UNSUPERVISED, "ended", timedelta(seconds=60))
    assert "12:00:02" in alert.reason
    assert Supervision.objects.get().checked_at == START + timedelta(seconds=62)


def test_what_ended_stays_for_a_shift_until_somebody_takes_note(camera: Camera) -> None:
    now = timezone.now()
    values = {"subject": "x", "began_at": now - timedelta(days=1), "raised_at": now, "cause": Cause.CAMERA_LOST}
    SystemAlert.objects.create(**values, ended_at=now - timedelta(hours=13))
    recent = SystemAlert.objects.create(**values, ended_at=now - timedelta(hours=1))
    assert list(SystemAlert.objects.current()) == [recent]
    system_alert_acknowledge(alert=recent, actor=make_user(Role.SUPERVISOR), note="the switch was replaced")
    assert not SystemAlert.objects.current().exists()


def test_taking_note_says_who_and_when_and_leaves_a_trace_once(camera: Camera) -> None:
    tell(camera, Cause.CAMERA_LOST, 0, "refused")
    alert, first, second = SystemAlert.objects.get(), make_user(Role.OPERATOR), make_user(Role.SUPERVISOR)
    system_alert_acknowledge(alert=alert, actor=first, note="rang the harbour")
    with pytest.raises(AlreadyAcknowledged):
        system_alert_acknowledge(alert=alert, actor=second, note="me too")
    alert.refresh_from_db()
    assert (alert.acknowledged_by, alert.note) == (first, "rang the harbour")
    entry = AuditEntry.objects.get(action="system-alert.acknowledged")
    assert (entry.actor, entry.site_id, entry.subject) == (first, camera.site_id, f"system-alert:{alert.pk}")
    assert "harbour" not in entry.body  # notes are not kept in the trail for ever


def test_the_history_is_kept_for_a_year(camera: Camera) -> None:
    tell(camera, Cause.CAMERA_LOST, 0, "refused")
    tell(camera, Cause.CAMERA_LOST, 1)
    tell(camera, Cause.CAMERA_LOST, 100)
    assert history_purge(START + KEPT_FOR) == 0
    assert history_purge(START + KEPT_FOR + timedelta(days=1)) == 1
