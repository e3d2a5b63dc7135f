from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from alerts.models import Alert, AlertState, Verdict
from alerts.services.claiming import alert_claim
from alerts.services.deciding import Choice, alert_decide
from alerts.services.raising import alert_raise
from alerts.services.shelving import alert_shelve, maintenance_plan, shelf_end, shelves_end_overdue
from alerts.shelves import Shelf
from alerts.tasks import keep_time
from paca_site.audit.models import AuditEntry
from tests.alerts.conftest import Desk
from tests.cast import make_alert, make_report

WHY = "Building work until noon"


def is_queued(client: Client, alert: Alert) -> bool:
    return f'id="alert-{alert.pk}"' in client.get("/alerts/rows").text


def test_a_shelved_alert_leaves_the_queue_stands_in_the_list_and_returns_by_itself(
    desk: Desk, as_operator: Client, as_supervisor: Client
) -> None:
    alert_claim(alert=desk.alert, actor=desk.operator)
    posted = {"minutes": "30", "reason": WHY}
    answer = as_operator.post(f"/alerts/{desk.alert.pk}/shelve", posted, follow=True)
    assert "Shelved until" in answer.text
    assert not is_queued(as_operator, desk.alert)
    listed = as_supervisor.get("/alerts/shelved/").text
    assert WHY in listed
    assert f'href="/alerts/{desk.alert.pk}/"' in listed
    assert "1</span> shelved" in as_operator.get("/alerts/").text
    later = timezone.now() + timedelta(minutes=31)
    assert (shelves_end_overdue(now=later), shelves_end_overdue(now=later)) == (1, 0)
    assert is_queued(as_operator, desk.alert)
    alert = Alert.objects.get(pk=desk.alert.pk)
    assert alert.due_at is not None
    trail = AuditEntry.objects.filter(action__in=("alert.shelved", "shelf.ended")).order_by("number")
    assert [entry.actor for entry in trail] == [desk.operator, None]


def test_an_alert_is_back_in_time_also_where_no_task_runs(desk: Desk, as_operator: Client) -> None:
    alert_shelve(alert=desk.alert, actor=desk.operator, minutes=15, reason=WHY)
    Alert.objects.filter(pk=desk.alert.pk).update(shelved_until=timezone.now())
    assert is_queued(as_operator, desk.alert)
    alert_claim(alert=Alert.objects.get(pk=desk.alert.pk), actor=desk.operator)
    Shelf.objects.update(starts_at=timezone.now() - timedelta(hours=1), until=timezone.now())
    keep_time()
    alert = Alert.objects.get(pk=desk.alert.pk)
    assert (alert.holder, alert.shelved_until) == (desk.operator, None)


def test_a_shelved_alert_can_be_decided_or_brought_back(desk: Desk, as_operator: Client) -> None:
    other = make_alert(desk.alert.camera)
    for alert in (desk.alert, other):
        alert_shelve(alert=alert, actor=desk.operator, minutes=15, reason=WHY)
    assert WHY in as_operator.get(f"/alerts/{other.pk}/").text
    alert_decide(alert=desk.alert, actor=desk.supervisor, choice=Choice(verdict=Verdict.CONFIRM))
    shelf = Shelf.objects.get(alert=other)
    assert "Brought back." in as_operator.post(f"/alerts/shelved/{shelf.pk}/end", follow=True).text
    assert is_queued(as_operator, other)
    assert not shelf_end(shelf=shelf, actor=desk.operator)


@pytest.mark.parametrize(("minutes", "reason", "words"), [(481, WHY, "8 hours"), (0, WHY, "8 hours"), (30, " ", "why")])
def test_a_shelf_needs_a_reason_and_an_end(desk: Desk, minutes: int, reason: str, words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        alert_shelve(alert=desk.alert, actor=desk.operator, minutes=minutes, reason=reason)
    assert not Shelf.objects.exists()


def test_what_a_colleague_has_is_escalated_or_shelved_already_stays(desk: Desk) -> None:
    held, escalated = desk.alert, make_alert(desk.alert.camera, state=AlertState.ESCALATED)
    alert_claim(alert=held, actor=desk.supervisor)
    twice = make_alert(desk.alert.camera)
    alert_shelve(alert=twice, actor=desk.operator, minutes=30, reason=WHY)
    for alert in (held, escalated, twice):
        with pytest.raises(ValidationError):
            alert_shelve(alert=alert, actor=desk.operator, minutes=30, reason=WHY)
    assert Shelf.objects.count() == 1


def test_alerts_of_a_camera_under_maintenance_go_to_the_shelf_and_return(
    desk: Desk, as_operator: Client, as_supervisor: Client
) -> None:
    camera = desk.alert.camera
    posted = {"camera": str(camera.pk), "minutes": "60", "reason": "Cleaning"}
    assert "is planned" in as_supervisor.post("/alerts/shelved/maintenance", posted, follow=True).text
    alert, _ = alert_raise(camera_id=camera.pk, report=make_report())
    assert alert.due_at is None
    assert not is_queued(as_operator, alert)
    assert f'href="/alerts/{alert.pk}/"' in as_operator.get("/alerts/shelved/").text
    shelf = Shelf.objects.get()
    assert as_operator.post(f"/alerts/shelved/{shelf.pk}/end").status_code == 404  # a supervisor's
    assert shelf_end(shelf=shelf, actor=None)
    assert is_queued(as_operator, alert)
    again, _ = alert_raise(camera_id=camera.pk, report=make_report())
    assert is_queued(as_operator, again)


def test_planned_maintenance_holds_from_its_begin_only(desk: Desk, as_supervisor: Client) -> None:
    camera = desk.alert.camera
    begin = timezone.now() + timedelta(hours=2)
    maintenance_plan(camera=camera, actor=desk.supervisor, starts_at=begin, minutes=60, reason="Cleaning")
    alert, _ = alert_raise(camera_id=camera.pk, report=make_report())
    assert alert.shelf is None
    assert "Maintenance, planned" in as_supervisor.get("/alerts/shelved/").text


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"starts_at": "2020-01-01T00:00"}, "begins now or within"),
        ({"starts_at": "noon"}, "A time looks like"),
        ({"minutes": "1441"}, "24 hours"),
        ({"reason": ""}, "required"),
    ],
)
def test_maintenance_without_sense_is_refused_and_says_why(
    desk: Desk, as_supervisor: Client, settings: LazySettings, changed: dict[str, str], words: str
) -> None:
    posted = {"camera": str(desk.alert.camera_id), "minutes": "60", "reason": "Cleaning", **changed}
    answer = as_supervisor.post("/alerts/shelved/maintenance", posted)
    assert answer.status_code == 422
    assert words in answer.text
    assert not Shelf.objects.exists()


def test_the_list_costs_the_same_number_of_queries_for_one_shelf_and_for_ten(desk: Desk, as_operator: Client) -> None:

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert as_operator.get("/alerts/shelved/").status_code == 200
        return len(captured)

    alert_shelve(alert=desk.alert, actor=desk.operator, minutes=30, reason=WHY)
    before = queries()
    for _ in range(9):
        alert_shelve(alert=make_alert(desk.alert.camera), actor=desk.operator, minutes=30, reason=WHY)
    assert queries() == before
