from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from alerts.desk import LEARNT_AFTER
from alerts.models import Alert, AlertState, ClipState, Decision, Severity, Verdict
from cameras.models import Modality
from paca_site.accounts.models import Role
from paca_site.audit.models import AuditEntry
from tests.alerts.conftest import Desk
from tests.cast import make_alert, make_camera, make_site, make_system_alert, make_user


def decide(alert: Alert, desk: Desk, state: AlertState = AlertState.CONFIRMED, **fields: object) -> Decision:
    Alert.objects.filter(pk=alert.pk).update(state=state)
    values = {"verdict": Verdict.CONFIRM, "by": desk.operator, "role": "operator", "after_s": 9.0, **fields}
    return Decision.objects.create(alert=alert, **values)


def test_the_queue_shows_open_alerts_of_the_persons_sites_most_urgent_first(desk: Desk, as_operator: Client) -> None:
    camera, now = desk.alert.camera, timezone.now()
    older = make_alert(camera, severity=Severity.HIGH, raised_at=now - timedelta(minutes=5))
    newer = make_alert(camera, severity=Severity.HIGH, raised_at=now - timedelta(minutes=1))
    closed = make_alert(camera, state=AlertState.DISMISSED)
    elsewhere = make_alert(make_camera(make_site()))
    text = as_operator.get("/alerts/").text
    order = [text.find(f'id="alert-{alert.pk}"') for alert in (newer, older, desk.alert)]
    assert order == sorted(order)
    assert order[0] > 0
    assert f'id="alert-{closed.pk}"' not in text
    assert f'id="alert-{elsewhere.pk}"' not in text


def test_the_queue_costs_the_same_number_of_queries_for_one_alert_and_for_thirty(
    desk: Desk, as_operator: Client
) -> None:
    def queries(path: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert as_operator.get(path).status_code == 200
        return len(captured)

    before = {path: queries(path) for path in ("/alerts/", "/alerts/rows")}
    for _ in range(29):
        make_alert(make_camera(desk.site))
    assert {path: queries(path) for path in before} == before


def test_a_screen_that_has_the_rows_already_gets_304_until_something_changes(desk: Desk, as_operator: Client) -> None:
    first = as_operator.get("/alerts/rows")
    known = {"If-None-Match": first["ETag"]}
    assert as_operator.get("/alerts/rows", headers=known).status_code == 304
    Alert.objects.filter(pk=desk.alert.pk).update(state=AlertState.ESCALATED)
    changed = as_operator.get("/alerts/rows", headers=known)
    assert changed.status_code == 200
    assert "Escalated" in changed.text


def test_opening_an_alert_is_recorded(desk: Desk, as_operator: Client) -> None:
    assert as_operator.get(f"/alerts/{desk.alert.pk}/").status_code == 200
    entry = AuditEntry.objects.get(action="alert.viewed")
    assert (entry.actor, entry.subject) == (desk.operator, f"alert:{desk.alert.pk}")


def test_an_alert_that_is_not_yours_looks_absent(desk: Desk, as_operator: Client, as_auditor: Client) -> None:
    elsewhere = make_alert(make_camera())
    foreign, absent = as_operator.get(f"/alerts/{elsewhere.pk}/"), as_operator.get("/alerts/99999999/")
    assert foreign.status_code == absent.status_code == 404
    assert as_auditor.get(f"/alerts/{desk.alert.pk}/").status_code == 404
    assert not AuditEntry.objects.filter(action="alert.viewed").exists()


def test_htmx_gets_the_alert_alone_and_the_address_for_the_browser(desk: Desk, as_operator: Client) -> None:
    answer = as_operator.get(f"/alerts/{desk.alert.pk}/", headers={"HX-Request": "true"})
    assert answer["HX-Push-Url"] == f"/alerts/{desk.alert.pk}/"
    assert "<html" not in answer.text
    assert 'id="alert"' in answer.text


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (ClipState.PENDING, "The clip is being made"),
        (ClipState.MISSING, "No recording of this moment"),
        (ClipState.PURGED, "Deleted at the end of its retention"),
        (ClipState.NONE, "Clips of this camera are not kept"),
    ],
)
def test_each_missing_clip_says_why(desk: Desk, as_operator: Client, state: ClipState, words: str) -> None:
    Alert.objects.filter(pk=desk.alert.pk).update(clip_state=state)
    text = as_operator.get(f"/alerts/{desk.alert.pk}/").text
    assert words in text
    assert "<video" not in text


def test_an_edge_camera_says_that_it_stores_no_footage(desk: Desk, as_operator: Client) -> None:
    alert = make_alert(make_camera(desk.site, modality=Modality.EDGE), clip_state=ClipState.NONE)
    assert "This camera stores no footage (edge modality)" in as_operator.get(f"/alerts/{alert.pk}/").text


def test_a_pending_clip_is_asked_for_again_until_it_changes(desk: Desk, as_operator: Client) -> None:
    path = f"/alerts/{desk.alert.pk}/clip-state"
    assert as_operator.get(path, {"version": "pending-0.00"}).status_code == 204
    Alert.objects.filter(pk=desk.alert.pk).update(
        clip_state=ClipState.READY, clip_path="clips/a.mp4", clip_duration_s=14, clip_started_at=timezone.now()
    )
    answer = as_operator.get(path, {"version": "pending-0.00"})
    assert answer.status_code == 200
    assert "<video" in answer.text


def test_the_decisions_list_is_for_supervisors_and_auditors_and_leaves_a_trace(
    desk: Desk, as_operator: Client, as_supervisor: Client, as_auditor: Client
) -> None:
    decide(desk.alert, desk, note="seen twice")
    link = f'href="/alerts/{desk.alert.pk}/"'
    assert as_operator.get("/alerts/decisions/").status_code == 403
    assert link in as_supervisor.get("/alerts/decisions/").text
    seen_by_auditor = as_auditor.get("/alerts/decisions/").text
    assert "seen twice" in seen_by_auditor
    assert link not in seen_by_auditor
    assert AuditEntry.objects.filter(action="decisions.listed").count() == 2


def test_decisions_of_other_sites_are_not_listed(desk: Desk, as_supervisor: Client) -> None:
    decide(make_alert(make_camera()), desk, note="elsewhere")
    assert "elsewhere" not in as_supervisor.get("/alerts/decisions/").text


def test_decisions_are_narrowed_and_turned_page_by_page_without_more_queries(desk: Desk, as_supervisor: Client) -> None:
    for number in range(51):
        decide(make_alert(desk.alert.camera), desk, note=f"note-{number:02d}.")
    other = make_user(Role.OPERATOR, desk.site)
    decide(make_alert(desk.alert.camera), desk, by=other, verdict=Verdict.DISMISS, reason="crowd", note="dense")
    with CaptureQueriesContext(connection) as captured:
        first = as_supervisor.get("/alerts/decisions/")
    assert "dense" in first.text
    assert len(captured) <= 20
    page = first.context["page"]
    second = as_supervisor.get("/alerts/decisions/", {"before": page.next_before}).context["page"]
    assert len(page.decisions) == 50
    assert len(second.decisions) == 2
    assert not {d.pk for d in page.decisions} & {d.pk for d in second.decisions}
    narrowed = as_supervisor.get("/alerts/decisions/", {"by": str(other.pk), "verdict": "dismiss"}).context["page"]
    assert [d.note for d in narrowed.decisions] == ["dense"]
    tomorrow = timezone.now().date() + timedelta(days=1)
    assert not as_supervisor.get("/alerts/decisions/", {"first_day": str(tomorrow)}).context["page"].decisions


def test_whoever_has_decided_often_is_no_longer_told_how(desk: Desk, as_operator: Client) -> None:
    for _ in range(LEARNT_AFTER - 1):
        decide(make_alert(desk.alert.camera), desk)
    assert "data-hint" in as_operator.get(f"/alerts/{desk.alert.pk}/").text
    decide(make_alert(desk.alert.camera), desk)
    assert "data-hint" not in as_operator.get(f"/alerts/{desk.alert.pk}/").text


@pytest.mark.parametrize("state", ClipState.values)
def test_whoever_learns_is_told_to_watch_a_clip_only_where_there_is_or_will_be_one(
    desk: Desk, as_operator: Client, state: str
) -> None:
    Alert.objects.filter(pk=desk.alert.pk).update(clip_state=state)
    text = as_operator.get(f"/alerts/{desk.alert.pk}/").text
    comes = state in (ClipState.READY, ClipState.PENDING)
    assert ("Watch the clip." in text) == comes
    assert ("There is no clip: judge by" in text) != comes


def test_system_alerts_stand_on_the_desk_without_scripts_and_can_be_noted_there(
    desk: Desk, as_operator: Client
) -> None:
    lost = make_system_alert(desk.alert.camera)
    for page in ("/alerts/", f"/alerts/{desk.alert.pk}/"):
        text = as_operator.get(page).text
        assert f'href="/system/alerts/{lost.pk}/"' in text
        assert f'method="post" action="/system/alerts/{lost.pk}/acknowledge"' in text
    refused = as_operator.post(f"/alerts/{desk.alert.pk}/decide", {})
    assert refused.status_code == 422
    assert f'href="/system/alerts/{lost.pk}/"' in refused.text


def test_the_empty_desk_leads_to_the_first_alert_that_nobody_has(desk: Desk, as_operator: Client) -> None:
    now = timezone.now()
    held = {"claimed_by": desk.supervisor, "claimed_at": now, "claimed_until": now + timedelta(minutes=1)}
    make_alert(desk.alert.camera, severity=Severity.HIGH, **held)
    assert f'href="/alerts/{desk.alert.pk}/" data-first' in as_operator.get("/alerts/").text


def test_a_supervisor_reads_what_was_seen_before_it_was_decided_and_colleagues_do_not(
    desk: Desk, as_operator: Client, as_supervisor: Client
) -> None:
    Alert.objects.filter(pk=desk.alert.pk).update(clip_state=ClipState.PURGED, clip_duration_s=14)
    decide(desk.alert, desk, watched_s=4.2, is_confidence_shown=False)
    page = as_supervisor.get(f"/alerts/{desk.alert.pk}/").text
    assert "Watched 4 s of a clip of 14 s" in page
    assert "did not see the confidence" in page
    assert "after it appeared" in page
    assert "Watched 4 s" not in as_operator.get(f"/alerts/{desk.alert.pk}/").text
