from datetime import datetime, timedelta

import pytest
from django.conf import LazySettings
from django.utils import timezone

from alerts.models import Alert, CallLevel, Severity, Verdict
from alerts.services.calling import alerts_call_overdue
from alerts.services.claiming import alert_claim, alert_release
from alerts.services.deciding import Choice, alert_decide
from alerts.services.raising import alert_raise
from alerts.tasks import keep_time
from paca_site.audit.models import AuditEntry
from tests.alerts.conftest import Desk
from tests.cast import make_report


def raised(desk: Desk, confidence: float) -> Alert:
    return alert_raise(camera_id=desk.alert.camera_id, report=make_report(confidence=confidence))[0]


def seconds_left(alert: Alert, now: datetime) -> float:
    alert.refresh_from_db()
    assert alert.due_at is not None
    return (alert.due_at - now).total_seconds()


@pytest.mark.parametrize(("confidence", "take_s", "decide_s"), [(90.0, 30, 180), (60.0, 90, 600), (20.0, 300, 1800)])
def test_the_clock_is_set_by_severity_at_raising_taking_and_putting_back(
    desk: Desk, confidence: float, take_s: int, decide_s: int
) -> None:
    alert = raised(desk, confidence)
    assert seconds_left(alert, timezone.now()) == pytest.approx(take_s, abs=5)
    alert_claim(alert=alert, actor=desk.operator)
    assert seconds_left(alert, timezone.now()) == pytest.approx(decide_s, abs=5)
    alert_release(alert=alert, actor=desk.operator)
    assert seconds_left(alert, timezone.now()) == pytest.approx(take_s, abs=5)


def test_the_chain_goes_to_the_second_operator_then_the_supervisor_and_ends(desk: Desk) -> None:
    alert, now = raised(desk, 90.0), timezone.now()
    assert alerts_call_overdue(now=now) == 0
    for later_s, level, count in ((31, CallLevel.SECOND, 1), (60, CallLevel.SECOND, 0), (95, CallLevel.SUPERVISOR, 1)):
        assert alerts_call_overdue(now=now + timedelta(seconds=later_s)) == count
        alert.refresh_from_db()
        assert alert.call_level == level
    assert alert.due_at is None
    assert alerts_call_overdue(now=now + timedelta(hours=9)) == 0
    assert AuditEntry.objects.filter(action="alert.called", actor=None).count() == 2


def test_a_decided_alert_calls_nobody(desk: Desk) -> None:
    alert = raised(desk, 90.0)
    alert_decide(alert=alert, actor=desk.operator, choice=Choice(verdict=Verdict.ESCALATE))
    assert alerts_call_overdue(now=timezone.now() + timedelta(hours=1)) == 0
    alert.refresh_from_db()
    assert (alert.due_at, alert.call_level) == (None, CallLevel.SUPERVISOR)


def test_an_alert_that_becomes_more_urgent_is_due_sooner(desk: Desk) -> None:
    report = make_report(confidence=20.0, score=0.6)
    alert, _ = alert_raise(camera_id=desk.alert.camera_id, report=report)
    worse = make_report(event_id=report.event_id, started_at=report.started_at, confidence=95.0, score=0.9)
    alert_raise(camera_id=desk.alert.camera_id, report=worse)
    assert seconds_left(alert, timezone.now()) == pytest.approx(30, abs=5)
    assert alert.severity == Severity.HIGH


def test_the_task_calls_and_ends_claims_and_twice_is_once(desk: Desk, settings: LazySettings) -> None:
    alert = raised(desk, 90.0)
    alert_claim(alert=alert, actor=desk.operator)
    past = timezone.now() - timedelta(seconds=1)
    Alert.objects.filter(pk=alert.pk).update(claimed_until=past)
    keep_time()
    Alert.objects.filter(pk=alert.pk).update(due_at=past)
    keep_time()
    keep_time()
    alert.refresh_from_db()
    assert (alert.claimed_by, alert.call_level) == (None, CallLevel.SECOND)
    assert AuditEntry.objects.filter(action="alert.called").count() == 1
