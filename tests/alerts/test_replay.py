"""Replaying a decision: what its person had before them, as it was kept then or as rows and trail tell it."""

from datetime import timedelta

from django.test import Client
from django.utils import timezone

from alerts.incidents import Flood
from alerts.models import Alert, Decision, Verdict
from alerts.replay.moments import moments_until
from alerts.services.claiming import alert_claim
from alerts.services.deciding import Choice, alert_decide
from alerts.services.raising import alert_raise
from alerts.services.undoing import decision_undo
from alerts.services.viewing import alert_viewed, clip_viewed
from paca_site.accounts.models import Role
from paca_site.audit.models import AuditEntry
from tests.alerts.conftest import Desk
from tests.cast import make_alert, make_camera, make_decision, make_report, make_review, make_site, make_user

VIEW = "1f0e3dad-9990-4345-b743-9f2a0c4c4c11"
DISMISS = Choice(verdict=Verdict.DISMISS, reason="crowd", note="A queue for tickets.", watched_s=7.0)


def worked_on(desk: Desk) -> Decision:
    """Let the operator open, take and dismiss the desk's alert."""
    alert_viewed(alert=desk.alert, actor=desk.operator, view_id=VIEW)  # type: ignore[arg-type]
    alert_claim(alert=desk.alert, actor=desk.operator)
    clip_viewed(alert=desk.alert, actor=desk.operator, view_id=None)
    return alert_decide(alert=desk.alert, actor=desk.operator, choice=DISMISS)


def replay(client: Client, decision: Decision, **asked: str) -> str:
    response = client.get(f"/alerts/decisions/{decision.pk}/", asked)
    assert response.status_code == 200
    return response.text


def test_a_decision_keeps_the_alert_and_the_queue_of_its_moment(desk: Desk) -> None:
    other = make_alert(desk.alert.camera, severity=3)
    make_alert(make_camera(make_site()))  # not in this person's queue
    seen = worked_on(desk).seen
    assert seen is not None
    assert (seen["confidence"], seen["threshold"]) == (desk.alert.confidence, desk.alert.threshold)
    assert (seen["queue_open"], seen["queue"]) == (1, [other.pk])


def test_what_an_event_becomes_later_does_not_change_the_replay(desk: Desk, as_supervisor: Client) -> None:
    decision = worked_on(desk)
    Alert.objects.filter(pk=desk.alert.pk).update(
        confidence=97.0, threshold=0.11, sentence="Something else altogether; 9 people", scores=[[900, 0.99]]
    )
    text = replay(as_supervisor, decision)
    assert "97 %" not in text
    assert "Something else altogether" not in text
    assert "0.11" not in text
    assert f"{desk.alert.threshold:.2f}" in text


def test_the_moments_go_from_appearance_to_decision_in_the_order_of_time(desk: Desk) -> None:
    moments, has_more = moments_until(worked_on(desk))
    what = [moment.what for moment in moments]
    assert what[-4:] == ["alert.viewed", "alert.claimed", "alert.clip-viewed", "decision"]
    assert what.index("raised") < what.index("alert.viewed")
    assert [moment.at for moment in moments] == sorted(moment.at for moment in moments)
    assert not has_more


def test_each_step_shows_in_whose_hands_the_alert_was(desk: Desk, as_supervisor: Client) -> None:
    decision = worked_on(desk)
    whats = [moment.what for moment in moments_until(decision)[0]]
    taken = whats.index("alert.claimed") + 1
    assert "nobody has it" in replay(as_supervisor, decision, step=str(taken - 1))
    then = replay(as_supervisor, decision, step=str(taken)).split('class="replay__then"')[1]
    assert f"<dd>{desk.operator}</dd>" in then
    assert "opened it, no clip fetched" in then
    assert "opened it and fetched the clip" in replay(as_supervisor, decision)


def test_a_step_out_of_range_or_no_number_is_the_decision(desk: Desk, as_supervisor: Client) -> None:
    decision = worked_on(desk)
    last = replay(as_supervisor, decision).split('class="replay__then"')[1]
    for asked in ("0", "999", "-1", "x", "²", "9" * 40):
        then = replay(as_supervisor, decision, step=asked).split('class="replay__then"')[1]
        assert then.split("</h3>")[0] == last.split("</h3>")[0]


def test_of_an_old_decision_the_page_says_what_was_not_recorded(desk: Desk, as_supervisor: Client) -> None:
    Alert.objects.filter(pk=desk.alert.pk).update(state="dismissed")
    text = replay(as_supervisor, make_decision(desk.alert, desk.operator))
    assert "before PACA kept what stood before its person" in text
    assert "not recorded then" in text
    assert "the queue itself was not recorded" in text


def test_the_confidence_of_an_old_decision_is_the_one_of_the_trail(desk: Desk, as_supervisor: Client) -> None:
    decision = worked_on(desk)
    Decision.objects.filter(pk=decision.pk).update(seen=None)
    Alert.objects.filter(pk=desk.alert.pk).update(confidence=99.0)
    text = replay(as_supervisor, decision)
    assert f"<strong>{desk.alert.confidence:.0f} %</strong>" in text
    assert "99 %" not in text


def test_the_confidence_is_said_to_have_been_hidden_where_it_was(desk: Desk, as_supervisor: Client) -> None:
    decision = worked_on(desk)
    Decision.objects.filter(pk=decision.pk).update(is_confidence_shown=False)
    assert "hidden from them" in replay(as_supervisor, decision)
    Decision.objects.filter(pk=decision.pk).update(is_confidence_shown=True)
    assert "hidden from them" not in replay(as_supervisor, decision)


def test_the_queue_of_an_old_decision_has_what_was_not_decided_until_then(desk: Desk, as_supervisor: Client) -> None:
    Alert.objects.filter(pk=desk.alert.pk).update(state="dismissed")
    decision = make_decision(desk.alert, desk.operator)
    earlier, moment = timezone.now() - timedelta(minutes=5), timedelta(seconds=1)
    was_open = make_alert(desk.alert.camera, raised_at=earlier, state="dismissed")
    make_decision(was_open, desk.operator, at=decision.at + moment)
    was_over = make_alert(desk.alert.camera, raised_at=earlier, state="dismissed")
    make_decision(was_over, desk.operator, at=decision.at - moment)
    came_later = make_alert(desk.alert.camera, raised_at=decision.at + moment)
    queue = as_supervisor.get(f"/alerts/decisions/{decision.pk}/").context["queue"]
    assert queue.alerts == [was_open]
    assert {was_over, came_later}.isdisjoint(queue.alerts)


def test_earlier_alerts_stand_as_they_were_decided_until_then(desk: Desk, as_supervisor: Client) -> None:
    before = make_alert(desk.alert.camera, raised_at=timezone.now() - timedelta(hours=1), state="confirmed")
    decision = worked_on(desk)
    Decision.objects.create(
        alert=before, verdict="confirm", by=desk.operator, role="operator", after_s=1.0, at=timezone.now()
    )
    assert "Not decided then" in replay(as_supervisor, decision)


def test_a_flood_is_told_at_the_moments_in_which_it_was(desk: Desk, as_supervisor: Client) -> None:
    Flood.objects.create(site=desk.site, alerts=40, operators=2)
    decision = worked_on(desk)
    assert "folded to incidents" in replay(as_supervisor, decision)
    assert "folded to incidents" not in replay(as_supervisor, decision, step="1")


def test_an_undo_and_a_second_review_stand_apart_as_what_came_after(desk: Desk, as_supervisor: Client) -> None:
    decision = worked_on(desk)
    decision_undo(decision=decision, actor=desk.operator)
    before, after = replay(as_supervisor, decision).split('id="after-title"')
    assert "Undone" in after
    assert "Undone" not in before
    review = make_review(desk.alert.camera, desk.operator, make_user(Role.OPERATOR, desk.site))
    assert f"/reviews/{review.pk}/" in replay(as_supervisor, review.decision).split('id="after-title"')[1]


def test_a_replay_is_a_look_that_the_access_log_has_and_a_step_of_it_is_none(
    desk: Desk, as_supervisor: Client, as_auditor: Client
) -> None:
    decision = worked_on(desk)
    replay(as_supervisor, decision)
    as_supervisor.get(f"/alerts/decisions/{decision.pk}/?step=1", headers={"HX-Request": "true"})
    entry = AuditEntry.objects.get(action="alert.replayed")
    assert (entry.actor, entry.subject) == (desk.supervisor, f"alert:{desk.alert.pk}")
    text = as_auditor.get("/watched/", {"camera": str(desk.alert.camera_id)}).text
    assert str(desk.supervisor) in text


def test_whoever_saw_a_replay_gives_no_second_review_of_it(desk: Desk, as_supervisor: Client) -> None:
    review = make_review(desk.alert.camera, desk.operator)
    address = f"/reviews/{review.pk}/"
    assert as_supervisor.get(address).status_code == 200
    replay(as_supervisor, review.decision)
    assert as_supervisor.get(address).status_code == 404


def test_an_undo_has_no_replay_and_the_list_leads_to_those_that_have_one(desk: Desk, as_supervisor: Client) -> None:
    decision = worked_on(desk)
    undo = decision_undo(decision=decision, actor=desk.operator)
    assert as_supervisor.get(f"/alerts/decisions/{undo.pk}/").status_code == 404
    text = as_supervisor.get("/alerts/decisions/").text
    assert f'href="/alerts/decisions/{decision.pk}/"' in text
    assert f'href="/alerts/decisions/{undo.pk}/"' not in text


def test_the_score_curve_ends_at_the_decision(desk: Desk, as_supervisor: Client) -> None:
    now = timezone.now()
    report = make_report(started_at=now - timedelta(seconds=5), scores=[[0, 0.5], [2, 0.7], [4, 0.7]])
    alert, _ = alert_raise(camera_id=desk.alert.camera_id, report=report)
    decision = alert_decide(alert=alert, actor=desk.operator, choice=DISMISS)
    Alert.objects.filter(pk=alert.pk).update(scores=[*alert.scores, [60, 0.9], [70, 0.9]], score=0.9)
    curve = as_supervisor.get(f"/alerts/decisions/{decision.pk}/").context["curve"]
    assert curve.last_s == 4
