from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from alerts.desk import next_alert
from alerts.incidents import Incident
from alerts.models import Alert, AlertState, Decision, Verdict
from alerts.queue import load_queue
from alerts.services.claiming import alert_claim
from alerts.services.shift_changing import shift_end, shift_start
from alerts.sharing.load import site_loads
from alerts.sharing.models import Share, ShareState
from alerts.sharing.services import share_accept, share_offer, shares_end
from paca_site.accounts.models import Role, User
from paca_site.audit.models import AuditEntry
from tests.alerts.conftest import Desk
from tests.cast import make_alert, make_camera, make_site, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("services")]


@pytest.fixture
def incident(desk: Desk) -> Incident:
    """Two open alerts that belong together, with the operator on shift."""
    shift_start(actor=desk.operator)
    incident = Incident.objects.create(site=desk.site)
    for minutes in (3, 2):
        make_alert(desk.alert.camera, incident=incident, raised_at=timezone.now() - timedelta(minutes=minutes))
    return incident


def offered(incident: Incident, desk: Desk, *, is_assigned: bool = False) -> Share:
    return share_offer(incident=incident, actor=desk.supervisor, to_id=desk.operator.pk, is_assigned=is_assigned)


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def told(action: str) -> int:
    return AuditEntry.objects.filter(action=action).count()


def test_an_offer_is_asked_on_the_desk_accepted_there_and_shown_to_everybody(
    desk: Desk, incident: Incident, as_operator: Client, as_supervisor: Client
) -> None:
    page = as_supervisor.get("/load/").text
    assert "2 open alerts" in page
    as_supervisor.post(f"/load/incidents/{incident.pk}/offer", {"to": desk.operator.pk, "how": "offer"})
    share = Share.objects.get()
    assert share.state == ShareState.OFFERED
    desk_page = as_operator.get("/alerts/").text
    assert "offers you" in desk_page
    assert "2 open alerts" in desk_page
    assert as_operator.get("/load/mine").text.count('value="accept"') == 1
    answer = as_operator.post(f"/load/{share.pk}/answer", {"answer": "accept"})
    assert answer["Location"] == f"/alerts/incidents/{incident.pk}/"
    assert as_supervisor.get("/alerts/").text.count("for Kari") == 2
    assert "Accepted" in as_supervisor.get("/load/").text
    assert (told("share.offered"), told("share.accepted")) == (1, 1)


def test_nothing_is_hidden_or_locked_by_a_share(desk: Desk, incident: Incident) -> None:
    colleague = make_user(Role.OPERATOR, desk.site)
    before = {row.pk for row in load_queue(colleague).rows}
    offered(incident, desk, is_assigned=True)
    assert {row.pk for row in load_queue(colleague).rows} == before
    alert = Alert.objects.filter(incident=incident).first()
    assert alert is not None
    alert_claim(alert=alert, actor=colleague)
    alert.refresh_from_db()
    assert alert.holder == colleague


def test_the_next_alert_is_of_ones_own_incident_and_of_others_last(desk: Desk, incident: Incident) -> None:
    colleague = make_user(Role.OPERATOR, desk.site)
    after = make_alert(desk.alert.camera, state=AlertState.DISMISSED, severity=3)
    offered(incident, desk, is_assigned=True)
    mine, theirs = next_alert(desk.operator, after), next_alert(colleague, after)
    assert mine is not None
    assert mine.incident == incident
    assert theirs == desk.alert
    Alert.objects.filter(pk=desk.alert.pk).update(state=AlertState.DISMISSED)
    last = next_alert(colleague, after)
    assert last is not None
    assert last.incident == incident  # better a colleague's than none


def test_screens_learn_of_a_share_by_their_next_reading(desk: Desk, incident: Incident) -> None:
    before = load_queue(desk.supervisor).etag
    share = offered(incident, desk)
    between = load_queue(desk.supervisor).etag
    share_accept(share=share, actor=desk.operator)
    assert before != between


@pytest.mark.parametrize("somebody", ["off shift", "of another site", "an auditor"])
def test_only_people_on_shift_at_the_site_are_given_anything(desk: Desk, incident: Incident, somebody: str) -> None:
    people = {
        "off shift": make_user(Role.OPERATOR, desk.site),
        "of another site": make_user(Role.OPERATOR, make_site()),
        "an auditor": desk.auditor,
    }
    if somebody == "of another site":
        shift_start(actor=people[somebody])
    with pytest.raises(ValidationError, match="has begun a shift"):
        share_offer(incident=incident, actor=desk.supervisor, to_id=people[somebody].pk)
    assert not Share.objects.exists()


def test_an_operator_gives_nothing_to_anybody(desk: Desk, incident: Incident) -> None:
    with pytest.raises(ValidationError, match="Only supervisors"):
        share_offer(incident=incident, actor=desk.operator, to_id=desk.operator.pk)


def test_a_second_offer_takes_the_first_ones_place_and_the_same_again_is_refused(
    desk: Desk, incident: Incident
) -> None:
    first = offered(incident, desk)
    with pytest.raises(ValidationError, match="has it already"):
        offered(incident, desk)
    shift_start(actor=desk.supervisor)
    share_offer(incident=incident, actor=desk.supervisor, to_id=desk.supervisor.pk)
    first.refresh_from_db()
    assert first.state == ShareState.WITHDRAWN
    assert Share.objects.current().count() == 1
    with pytest.raises(ValidationError, match="not offered to you any more"):
        share_accept(share=first, actor=desk.operator)


def test_what_was_given_can_be_given_back_and_taken_back(
    desk: Desk, incident: Incident, as_operator: Client, as_supervisor: Client
) -> None:
    share = offered(incident, desk, is_assigned=True)
    as_operator.post(f"/load/{share.pk}/answer", {"answer": "decline"})
    share.refresh_from_db()
    assert share.state == ShareState.DECLINED
    again = offered(incident, desk)
    as_supervisor.post(f"/load/{again.pk}/withdraw")
    again.refresh_from_db()
    assert again.state == ShareState.WITHDRAWN
    assert as_operator.post(f"/load/{again.pk}/answer", {"answer": "accept"}).status_code == 404
    assert (told("share.declined"), told("share.withdrawn")) == (1, 1)


def test_a_share_ends_when_nothing_in_it_waits_or_the_shift_ends(desk: Desk, incident: Incident) -> None:
    share = offered(incident, desk, is_assigned=True)
    assert shares_end() == 0
    Alert.objects.filter(incident=incident).update(state=AlertState.DISMISSED)
    assert (shares_end(), shares_end()) == (1, 0)
    share.refresh_from_db()
    assert share.state == ShareState.DONE
    Alert.objects.filter(pk=make_alert(desk.alert.camera, incident=incident).pk).update(state=AlertState.NEW)
    other = offered(incident, desk)
    shift_end(actor=desk.operator)
    assert shares_end() == 1
    other.refresh_from_db()
    assert other.state == ShareState.WITHDRAWN


def test_the_load_counts_what_each_person_holds_decides_and_has_waiting(desk: Desk, incident: Incident) -> None:
    alert_claim(alert=desk.alert, actor=desk.operator)
    for minutes in (1, 2, 30, 61):
        decided = make_alert(desk.alert.camera, state=AlertState.DISMISSED)
        at = timezone.now() - timedelta(minutes=minutes)
        Decision.objects.create(
            alert=decided, verdict=Verdict.DISMISS, reason="crowd", by=desk.operator, role="operator", after_s=9, at=at
        )
    offered(incident, desk, is_assigned=True)
    make_user(Role.OPERATOR, desk.site)  # not on shift: not in the table
    (load,) = site_loads([desk.site])
    (one,) = load.people
    assert (one.person, one.holds) == (desk.operator, desk.alert.pk)
    assert (one.decided_recently, one.decided_hour, one.is_above) == (2, 3, False)
    assert (one.offered, one.accepted, one.waiting) == (0, 1, 2)
    assert (load.total, load.alone) == (1, 1)


def test_many_sites_cost_no_more_queries_than_one_and_each_has_its_own(
    desk: Desk, incident: Incident, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    offered(incident, desk, is_assigned=True)
    sites = [desk.site]
    for _ in range(3):
        site = make_site()
        person = make_user(Role.OPERATOR, site)
        shift_start(actor=person)
        make_alert(make_camera(site))
        sites.append(site)
    with django_assert_num_queries(8):
        site_loads(sites[:1])
    with django_assert_num_queries(8):
        loads = site_loads(sites)
    assert [load.site for load in loads] == sites
    assert [(load.total, load.alone, len(load.people)) for load in loads] == [(1, 1, 1)] + [(0, 1, 1)] * 3
    assert [len(load.incidents) for load in loads] == [1, 0, 0, 0]


def test_without_anybody_on_shift_the_page_says_what_to_do(desk: Desk, as_supervisor: Client) -> None:
    text = as_supervisor.get("/load/").text
    assert "Nobody has begun a shift here" in text
    assert "Nothing waits here" in text
    assert client_of(desk.operator).get("/load/").status_code == 403
