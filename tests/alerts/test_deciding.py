import json
import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import connections
from django.test import Client

from alerts.models import AlertState, Decision, DismissReason, Verdict
from alerts.services.deciding import AlreadyDecided, Choice, alert_decide
from paca_site.accounts.models import Role, User
from paca_site.audit.models import AuditEntry
from tests.alerts.conftest import Desk
from tests.cast import make_alert, make_camera, make_user

CONFIRM = Choice(verdict=Verdict.CONFIRM)


def test_a_confirmation_is_stored_with_who_when_and_how_long_was_watched(desk: Desk) -> None:
    decision = alert_decide(
        alert=desk.alert, actor=desk.operator, choice=Choice(verdict=Verdict.CONFIRM, note=" seen ", watched_s=7.5)
    )
    assert desk.alert.state == AlertState.CONFIRMED
    assert (decision.by, decision.role, decision.note, decision.watched_s) == (desk.operator, "operator", "seen", 7.5)
    entry = AuditEntry.objects.get(action="alert.confirmed")
    assert (entry.actor, entry.subject, entry.site_id) == (desk.operator, f"alert:{desk.alert.pk}", desk.site.pk)


@pytest.mark.django_db(transaction=True)
def test_of_two_people_at_once_one_decides_and_the_other_is_told_who_was_first(desk: Desk) -> None:
    colleague = make_user(Role.OPERATOR, desk.site)
    start, decided, late = threading.Barrier(2), [], []

    def decide(person: User) -> None:
        try:
            alert = type(desk.alert).objects.select_related("camera").get(pk=desk.alert.pk)
            start.wait(timeout=10)
            decided.append(alert_decide(alert=alert, actor=person, choice=CONFIRM))
        except AlreadyDecided as already:
            late.append((person, already.decision))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=decide, args=(person,)) for person in (desk.operator, colleague)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert len(decided) == len(late) == 1
    assert late[0][1] == decided[0]
    assert decided[0].by != late[0][0]
    assert Decision.objects.filter(alert=desk.alert).count() == 1
    assert AuditEntry.objects.filter(action="alert.confirmed").count() == 1


def test_a_dismissal_needs_a_reason(desk: Desk) -> None:
    with pytest.raises(ValidationError, match="needs a reason"):
        alert_decide(alert=desk.alert, actor=desk.operator, choice=Choice(verdict=Verdict.DISMISS))
    desk.alert.refresh_from_db()
    assert desk.alert.state == AlertState.NEW
    assert not Decision.objects.exists()


def test_the_reason_other_needs_words(desk: Desk) -> None:
    choice = Choice(verdict=Verdict.DISMISS, reason=DismissReason.OTHER, note="  ")
    with pytest.raises(ValidationError, match="few words"):
        alert_decide(alert=desk.alert, actor=desk.operator, choice=choice)


def test_an_escalated_alert_is_the_supervisors(desk: Desk) -> None:
    alert_decide(alert=desk.alert, actor=desk.operator, choice=Choice(verdict=Verdict.ESCALATE))
    with pytest.raises(AlreadyDecided):
        alert_decide(alert=desk.alert, actor=desk.operator, choice=CONFIRM)
    alert_decide(alert=desk.alert, actor=desk.supervisor, choice=CONFIRM)
    assert desk.alert.state == AlertState.CONFIRMED


def test_the_form_works_without_javascript_and_a_confirmation_asks_what_was_done(
    desk: Desk, as_operator: Client
) -> None:
    make_alert(desk.alert.camera)
    answer = as_operator.post(
        f"/alerts/{desk.alert.pk}/decide", {"verdict": "confirm", "watched_s": "3.2"}, follow=True
    )
    assert answer.redirect_chain == [(f"/alerts/{desk.alert.pk}/", 302)]
    assert "Confirmed. Log what was done" in answer.text
    assert "Log and close" in answer.text


def test_a_dismissal_leads_to_the_next_alert(desk: Desk, as_operator: Client) -> None:
    following = make_alert(desk.alert.camera)
    answer = as_operator.post(f"/alerts/{desk.alert.pk}/decide", {"reason": "play"}, follow=True)
    assert answer.redirect_chain == [(f"/alerts/{following.pk}/", 302)]
    assert "Dismissed. Next alert." in answer.text


def test_a_reason_alone_dismisses(desk: Desk, as_operator: Client) -> None:
    answer = as_operator.post(f"/alerts/{desk.alert.pk}/decide", {"reason": "running"}, follow=True)
    assert answer.redirect_chain == [("/alerts/", 302)]
    decision = Decision.objects.get()
    assert (decision.verdict, decision.reason) == ("dismiss", "running")


@pytest.mark.parametrize(
    ("posted", "words"),
    [
        ({}, "Choose one"),
        ({"verdict": "dismiss"}, "A dismissal needs a reason"),
        ({"reason": "other"}, "Say in a few words why"),
        ({"verdict": "arrest"}, "not one of the available choices"),
        ({"verdict": "confirm", "note": "x" * 501}, "at most 500 characters"),
        ({"verdict": "confirm", "watched_s": "-1"}, "greater than or equal to 0"),
    ],
)
def test_a_form_that_decides_nothing_says_why_and_stores_nothing(
    desk: Desk, as_operator: Client, posted: dict[str, str], words: str
) -> None:
    answer = as_operator.post(f"/alerts/{desk.alert.pk}/decide", posted)
    assert answer.status_code == 422
    assert words in answer.text
    assert not Decision.objects.exists()


def test_the_second_is_told_who_was_first_and_keeps_the_note(desk: Desk, as_operator: Client) -> None:
    first = make_user(Role.OPERATOR, desk.site, first_name="Jonas")
    alert_decide(alert=desk.alert, actor=first, choice=CONFIRM)
    headers = {"HX-Request": "true"}
    answer = as_operator.post(
        f"/alerts/{desk.alert.pk}/decide", {"verdict": "confirm", "note": "blue door"}, headers=headers
    )
    assert answer.status_code == 409
    assert answer["HX-Retarget"] == "#decision"
    assert "Jonas was first: confirmed at" in answer.text
    assert "blue door" in answer.text


def test_nobody_decides_outside_their_sites_or_role(desk: Desk, as_auditor: Client) -> None:
    elsewhere = make_alert(make_camera())
    stranger = Client()
    stranger.force_login(desk.operator, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert stranger.post(f"/alerts/{elsewhere.pk}/decide", {"verdict": "confirm"}).status_code == 404
    assert as_auditor.post(f"/alerts/{desk.alert.pk}/decide", {"verdict": "confirm"}).status_code == 404
    assert stranger.get(f"/alerts/{desk.alert.pk}/decide").status_code == 405
    assert not Decision.objects.exists()


def test_the_trail_keeps_what_the_machine_said_and_never_the_words_of_a_note(desk: Desk) -> None:
    type(desk.alert).objects.filter(pk=desk.alert.pk).update(confidence=88.0)  # a report came since the page was drawn
    alert_decide(
        alert=desk.alert, actor=desk.operator, choice=Choice(verdict=Verdict.CONFIRM, note="A man in a red coat")
    )
    entry = AuditEntry.objects.get(action="alert.confirmed")
    details = json.loads(entry.body)["details"]
    assert "red coat" not in entry.body
    assert details["has_note"] is True
    assert (details["confidence"], details["sentence"]) == (88.0, desk.alert.sentence)
    assert desk.alert.ended_at is not None
    assert details["ended_at"] == desk.alert.ended_at.isoformat()
