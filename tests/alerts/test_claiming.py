import threading
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connections
from django.test import Client
from django.utils import timezone

from alerts.models import Alert, AlertState, Decision, Verdict
from alerts.services.claiming import (
    AlreadyClaimed,
    alert_claim,
    alert_claim_renew,
    alert_release,
    claims_expire,
)
from alerts.services.deciding import Choice, alert_decide
from paca_site.accounts.models import Role, User
from paca_site.audit.models import AuditEntry
from tests.alerts.conftest import Desk
from tests.cast import make_alert, make_user

CONFIRM = Choice(verdict=Verdict.CONFIRM)


def actions() -> list[str]:
    return list(
        AuditEntry.objects.filter(action__startswith="alert.").order_by("number").values_list("action", flat=True)
    )


def expire(alert: Alert) -> None:
    Alert.objects.filter(pk=alert.pk).update(claimed_until=timezone.now() - timedelta(seconds=1))


def test_a_claim_stands_on_the_row_and_in_the_trail(desk: Desk, as_supervisor: Client) -> None:
    alert_claim(alert=desk.alert, actor=desk.operator)
    assert desk.alert.holder == desk.operator
    assert actions() == ["alert.claimed"]
    assert "Kari has it" in as_supervisor.get("/alerts/rows").text


def test_nobody_decides_or_takes_what_a_colleague_has_but_knowingly(desk: Desk) -> None:
    colleague = make_user(Role.OPERATOR, desk.site)
    alert_claim(alert=desk.alert, actor=desk.operator)
    with pytest.raises(AlreadyClaimed, match="Kari"):
        alert_claim(alert=desk.alert, actor=colleague)
    with pytest.raises(AlreadyClaimed, match="Kari"):
        alert_decide(alert=desk.alert, actor=colleague, choice=CONFIRM)
    assert not Decision.objects.exists()
    alert_claim(alert=desk.alert, actor=colleague, take_over=True)
    alert_decide(alert=desk.alert, actor=colleague, choice=CONFIRM)
    assert actions() == ["alert.claimed", "alert.taken-over", "alert.confirmed"]
    desk.alert.refresh_from_db()
    assert desk.alert.claimed_by is None


def test_taking_another_alert_puts_the_first_back(desk: Desk) -> None:
    other = make_alert(desk.alert.camera)
    alert_claim(alert=desk.alert, actor=desk.operator)
    alert_claim(alert=other, actor=desk.operator)
    desk.alert.refresh_from_db()
    assert (desk.alert.holder, other.holder) == (None, desk.operator)


def test_a_claim_without_activity_runs_out_and_activity_keeps_it(desk: Desk) -> None:
    colleague = make_user(Role.OPERATOR, desk.site)
    alert_claim(alert=desk.alert, actor=desk.operator)
    Alert.objects.filter(pk=desk.alert.pk).update(claimed_until=timezone.now() + timedelta(seconds=1))
    assert alert_claim_renew(alert=desk.alert, actor=desk.operator)
    assert claims_expire() == 0
    expire(desk.alert)
    assert not alert_claim_renew(alert=desk.alert, actor=desk.operator)
    alert_claim(alert=desk.alert, actor=colleague)  # also before anybody has cleared it away
    assert desk.alert.holder == colleague
    expire(desk.alert)
    assert (claims_expire(), claims_expire()) == (1, 0)
    assert actions() == ["alert.claimed", "alert.claimed", "alert.claim-expired"]


def test_only_its_holder_puts_an_alert_back(desk: Desk) -> None:
    alert_claim(alert=desk.alert, actor=desk.operator)
    assert not alert_release(alert=desk.alert, actor=desk.supervisor)
    assert alert_release(alert=desk.alert, actor=desk.operator)
    desk.alert.refresh_from_db()
    assert desk.alert.claimed_by is None


def test_decided_and_the_supervisors_alerts_are_not_an_operators_to_take(desk: Desk) -> None:
    escalated = make_alert(desk.alert.camera, state=AlertState.ESCALATED)
    for alert in (escalated, make_alert(desk.alert.camera, state=AlertState.DISMISSED)):
        with pytest.raises(ValidationError):
            alert_claim(alert=alert, actor=desk.operator)
    alert_claim(alert=escalated, actor=desk.supervisor)
    assert escalated.holder == desk.supervisor


@pytest.mark.django_db(transaction=True)
def test_two_people_who_swap_alerts_at_once_do_not_wait_for_each_other_forever(desk: Desk) -> None:
    first, second = desk.alert, make_alert(desk.alert.camera)
    colleague = make_user(Role.OPERATOR, desk.site)
    alert_claim(alert=first, actor=desk.operator)
    alert_claim(alert=second, actor=colleague)
    start, faults = threading.Barrier(2), []

    def swap(person: User, wanted: Alert) -> None:
        try:
            start.wait(timeout=10)
            alert_claim(alert=Alert.objects.get(pk=wanted.pk), actor=person, take_over=True)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is the finding
            faults.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=swap, args=pair) for pair in ((desk.operator, second), (colleague, first))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert not faults
    held = dict(Alert.objects.exclude(claimed_by=None).values_list("claimed_by", "pk"))
    assert len(held) == len(set(held.values())) >= 1


def test_the_page_says_who_has_it_and_offers_to_take_over(
    desk: Desk, as_operator: Client, as_supervisor: Client
) -> None:
    page = as_operator.get(f"/alerts/{desk.alert.pk}/").text
    assert "Nobody has this alert." in page
    assert "data-claim-now" in page
    as_operator.post(f"/alerts/{desk.alert.pk}/claim")
    seen = as_supervisor.get(f"/alerts/{desk.alert.pk}/").text
    assert "<strong>Kari</strong> has had this alert since" in seen
    assert "Take over" in seen
    assert "data-decide" not in seen.replace("data-decided", "")
    assert "data-claim-now" not in seen
    refused = as_supervisor.post(f"/alerts/{desk.alert.pk}/decide", {"verdict": "confirm"})
    assert refused.status_code == 409
    assert "Kari has this alert now." in refused.text
    headers = {"HX-Request": "true"}
    assert as_supervisor.post(f"/alerts/{desk.alert.pk}/claim", headers=headers).status_code == 409
    taken = as_supervisor.post(f"/alerts/{desk.alert.pk}/claim", {"take_over": "1"}, headers=headers)
    assert "You have this alert." in taken.text
    assert as_operator.post(f"/alerts/{desk.alert.pk}/claim", {"renew": "1"}).status_code == 409
    assert as_supervisor.post(f"/alerts/{desk.alert.pk}/claim", {"renew": "1"}).status_code == 204


def test_the_next_alert_is_none_that_a_colleague_works_on(desk: Desk, as_operator: Client) -> None:
    taken, free = make_alert(desk.alert.camera, severity=3), make_alert(desk.alert.camera, severity=1)
    alert_claim(alert=taken, actor=desk.supervisor)
    answer = as_operator.post(f"/alerts/{desk.alert.pk}/decide", {"reason": "play"}, follow=True)
    assert answer.redirect_chain == [(f"/alerts/{free.pk}/", 302)]
