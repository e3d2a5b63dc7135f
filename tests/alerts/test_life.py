import itertools

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from alerts.follow_up import ActionTaken, Measure
from alerts.life import EDGES, UNDO_FOR, decidable_states
from alerts.models import Alert, AlertState, Decision, DismissReason, Verdict
from alerts.services.deciding import AlreadyDecided, Choice, alert_decide
from alerts.services.logging_actions import alert_log_actions
from alerts.services.undoing import decision_undo, undoable_decision
from paca_site.accounts.models import Role
from paca_site.audit.models import AuditEntry
from tests.alerts.conftest import Desk
from tests.cast import make_alert, make_user

DECIDING = (Verdict.CONFIRM, Verdict.DISMISS, Verdict.ESCALATE)
FORWARD = {(edge.before, edge.after) for edge in EDGES}


def choice(verdict: Verdict) -> Choice:
    return Choice(verdict=verdict, reason=DismissReason.PLAY_OR_SPORT if verdict == Verdict.DISMISS else "")


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize(("state", "verdict"), list(itertools.product(AlertState, DECIDING)))
def test_a_decision_passes_exactly_where_the_table_of_edges_has_it(
    desk: Desk, role: Role, state: AlertState, verdict: Verdict
) -> None:
    person = make_user(role, desk.site)
    alert = make_alert(desk.alert.camera, state=state)
    allowed = [edge for edge in EDGES if edge.before == state and edge.verdict == verdict and role in edge.roles]
    if not allowed:
        with pytest.raises((ValidationError, AlreadyDecided)):
            alert_decide(alert=alert, actor=person, choice=choice(verdict))
        alert.refresh_from_db()
        assert alert.state == state
        assert not Decision.objects.exists()
        return
    decision = alert_decide(alert=alert, actor=person, choice=choice(verdict))
    assert (alert.state, decision.state_before) == (allowed[0].after, state)


@pytest.mark.parametrize(("before", "after"), list(itertools.permutations(AlertState, 2)))
def test_the_database_refuses_every_change_of_state_that_is_no_edge(
    desk: Desk, before: AlertState, after: AlertState
) -> None:
    alert = make_alert(desk.alert.camera, state=before)
    change = Alert.objects.filter(pk=alert.pk)
    if (before, after) in FORWARD:
        assert change.update(state=after) == 1
        return
    with pytest.raises(IntegrityError, match="cannot change"), transaction.atomic():
        change.update(state=after)


def test_nobody_without_an_active_account_has_an_edge(desk: Desk) -> None:
    desk.supervisor.is_active = False
    assert not [verdict for verdict in DECIDING if decidable_states(desk.supervisor, verdict)]


@pytest.mark.parametrize("verdict", DECIDING)
def test_a_decision_is_taken_back_by_a_row_that_revokes_it(desk: Desk, verdict: Verdict) -> None:
    decision = alert_decide(alert=desk.alert, actor=desk.operator, choice=choice(verdict))
    undo = decision_undo(decision=decision, actor=desk.operator)
    alert = Alert.objects.get(pk=desk.alert.pk)
    assert (alert.state, alert.holder, alert.call_level) == (AlertState.NEW, desk.operator, 0)
    assert alert.due_at is not None
    assert (undo.revokes, undo.verdict) == (decision, Verdict.UNDO)
    assert Decision.objects.filter(pk=decision.pk).exists()
    assert AuditEntry.objects.filter(action="alert.decision-undone", actor=desk.operator).count() == 1
    again = alert_decide(alert=alert, actor=desk.operator, choice=choice(Verdict.ESCALATE))
    assert again.state_before == AlertState.NEW


def test_an_undone_decision_on_an_escalated_alert_leaves_it_with_the_supervisor(desk: Desk) -> None:
    alert_decide(alert=desk.alert, actor=desk.operator, choice=choice(Verdict.ESCALATE))
    decision = alert_decide(alert=desk.alert, actor=desk.supervisor, choice=choice(Verdict.DISMISS))
    decision_undo(decision=decision, actor=desk.supervisor)
    alert = Alert.objects.get(pk=desk.alert.pk)
    assert (alert.state, alert.holder) == (AlertState.ESCALATED, desk.supervisor)


def test_nobody_undoes_late_twice_for_others_or_what_has_gone_on(desk: Desk) -> None:
    decision = alert_decide(alert=desk.alert, actor=desk.operator, choice=choice(Verdict.CONFIRM))
    with pytest.raises(ValidationError):
        decision_undo(decision=decision, actor=desk.supervisor)
    Decision.objects.filter(pk=decision.pk).update(at=timezone.now() - UNDO_FOR)
    decision.refresh_from_db()
    with pytest.raises(ValidationError):
        decision_undo(decision=decision, actor=desk.operator)
    assert undoable_decision(desk.operator) is None

    other = make_alert(desk.alert.camera)
    second = alert_decide(alert=other, actor=desk.operator, choice=choice(Verdict.CONFIRM))
    decision_undo(decision=second, actor=desk.operator)
    with pytest.raises(ValidationError):
        decision_undo(decision=second, actor=desk.operator)

    third = make_alert(desk.alert.camera)
    escalated = alert_decide(alert=third, actor=desk.operator, choice=choice(Verdict.ESCALATE))
    alert_decide(alert=third, actor=desk.supervisor, choice=choice(Verdict.CONFIRM))
    with pytest.raises(ValidationError):
        decision_undo(decision=escalated, actor=desk.operator)
    assert Decision.objects.filter(verdict=Verdict.UNDO).count() == 1
    third.refresh_from_db()
    assert third.state == AlertState.CONFIRMED


def test_the_page_offers_to_undo_and_a_plain_form_does_it(desk: Desk, as_operator: Client) -> None:
    answer = as_operator.post(f"/alerts/{desk.alert.pk}/decide", {"reason": "play"}, follow=True)
    assert f'action="/alerts/{desk.alert.pk}/undo"' in answer.text
    back = as_operator.post(f"/alerts/{desk.alert.pk}/undo", follow=True)
    assert back.redirect_chain == [(f"/alerts/{desk.alert.pk}/", 302)]
    assert "Taken back. The alert is yours again." in back.text
    assert "You have this alert." in back.text
    assert "only within 10 seconds" in as_operator.post(f"/alerts/{desk.alert.pk}/undo", follow=True).text


def test_logging_what_was_done_closes_a_confirmed_alert(desk: Desk, as_operator: Client) -> None:
    alert_decide(alert=desk.alert, actor=desk.operator, choice=choice(Verdict.CONFIRM))
    assert "1</span> to log" in as_operator.get("/alerts/").text
    assert f'href="/alerts/{desk.alert.pk}/"' in as_operator.get("/alerts/to-log/").text
    posted = {"measures": ["patrol", "ambulance"], "note": "by the fountain"}
    answer = as_operator.post(f"/alerts/{desk.alert.pk}/actions", posted, follow=True)
    assert f"Alert {desk.alert.pk} is closed." in answer.text
    assert set(ActionTaken.objects.values_list("measure", flat=True)) == {"patrol", "ambulance"}
    alert = Alert.objects.get(pk=desk.alert.pk)
    assert (alert.state, alert.is_to_log) == (AlertState.CONFIRMED, False)
    entry = AuditEntry.objects.get(action="alert.action-logged")
    assert "fountain" not in entry.body
    assert "Patrol sent" in as_operator.get(f"/alerts/{alert.pk}/").text
    assert "Nothing to log" in as_operator.get("/alerts/to-log/").text


@pytest.mark.parametrize(
    ("measures", "words"),
    [([], "Choose what was done"), (["none", "patrol"], "cannot stand beside"), (["other"], "Say in a few words")],
)
def test_a_log_that_says_nothing_is_refused_and_keeps_what_was_written(
    desk: Desk, as_operator: Client, measures: list[str], words: str
) -> None:
    alert_decide(alert=desk.alert, actor=desk.operator, choice=choice(Verdict.CONFIRM))
    note = "" if "other" in measures else "kept words"
    answer = as_operator.post(f"/alerts/{desk.alert.pk}/actions", {"measures": measures, "note": note})
    assert answer.status_code == 422
    assert words in answer.text
    assert note in answer.text
    assert not ActionTaken.objects.exists()


def test_what_is_not_confirmed_or_closed_already_takes_no_log(desk: Desk) -> None:
    with pytest.raises(ValidationError, match="not confirmed"):
        alert_log_actions(alert=desk.alert, actor=desk.operator, measures=[Measure.PATROL])
    decision = alert_decide(alert=desk.alert, actor=desk.operator, choice=choice(Verdict.CONFIRM))
    alert_log_actions(alert=desk.alert, actor=desk.operator, measures=[Measure.NONE])
    with pytest.raises(ValidationError, match="closed already"):
        alert_log_actions(alert=desk.alert, actor=desk.operator, measures=[Measure.PATROL])
    with pytest.raises(ValidationError):
        decision_undo(decision=decision, actor=desk.operator)
    assert ActionTaken.objects.count() == 1
