import json
from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from scipy.stats import beta

from alerts.models import Alert
from alerts.necessity.bounds import upper_bound
from alerts.necessity.models import Proposal, ProposalState
from alerts.necessity.services.proposing import proposal_accept, proposal_decline, proposals_make
from alerts.services.raising import KindNotAuthorisedError, alert_raise
from cameras.models import Camera
from cameras.stopping import gate
from cameras.stopping.models import Halt
from cameras.stopping.services.halting import halt_end
from paca_site.accounts.models import Role, User
from paca_site.audit.models import AuditEntry
from tests.cast import make_alert, make_camera, make_proposal, make_report, make_user

pytestmark = pytest.mark.django_db
WHY = "Nobody was helped by it in a quarter."


@pytest.fixture(autouse=True)
def _short_record(settings: LazySettings) -> None:
    settings.NECESSITY_ALERTS = 30
    settings.REQUIRE_SECOND_FACTOR = False


@pytest.fixture
def camera() -> Camera:
    return make_camera()


@pytest.fixture
def supervisor(camera: Camera) -> User:
    return make_user(Role.SUPERVISOR, camera.site)


def decided(camera: Camera, dismissed: int, confirmed: int = 0, kind: str = "unusual-movement") -> None:
    for state, count in (("dismissed", dismissed), ("confirmed", confirmed)):
        for _ in range(count):
            make_alert(camera, state=state, kind=kind)


def proposed() -> set[tuple[int | None, str]]:
    return set(Proposal.objects.open().values_list("camera", "kind"))


def test_what_is_almost_never_confirmed_proposes_its_own_switch_off_once(camera: Camera) -> None:
    decided(camera, dismissed=40)
    assert proposals_make() == 2
    assert proposed() == {(camera.pk, ""), (None, "unusual-movement")}
    assert proposals_make() == 0
    entry = AuditEntry.objects.filter(action="necessity.proposed").latest("number")
    assert json.loads(entry.body)["details"]["decided"] == 40


def test_what_is_confirmed_now_and_then_and_what_is_hardly_known_is_left_alone(camera: Camera) -> None:
    decided(camera, dismissed=36, confirmed=4)
    decided(make_camera(camera.site), dismissed=20, kind="dispersal")
    assert proposals_make() == 0


def test_a_bad_kind_is_proposed_while_its_camera_is_not(camera: Camera) -> None:
    decided(camera, dismissed=40, kind="dispersal")
    decided(camera, dismissed=10, confirmed=30, kind="person-on-ground")
    proposals_make()
    assert proposed() == {(None, "dispersal")}


def test_test_alerts_and_old_ones_are_in_no_record(camera: Camera) -> None:
    for _ in range(40):
        make_alert(camera, state="dismissed", is_seeded=True)
    decided(camera, dismissed=40)
    Alert.objects.update(raised_at=timezone.now() - timedelta(days=91))
    assert proposals_make() == 0


def test_accepting_stops_the_camera_until_a_supervisor_lets_it_run_again(camera: Camera, supervisor: User) -> None:
    decided(camera, dismissed=40)
    proposals_make()
    proposal_accept(proposal=Proposal.objects.get(camera=camera), actor=supervisor, reason=WHY)
    assert WHY in gate.reasons_against_running([camera])[camera.pk][0]
    assert not Proposal.objects.open().filter(camera=camera).exists()
    assert proposals_make() == 0  # stopped: nothing to propose
    halt_end(halt=Halt.objects.get(), actor=supervisor, reason="A new season begins.")
    assert not gate.reasons_against_running([camera])


def test_an_accepted_kind_becomes_no_alert_while_its_cameras_go_on(camera: Camera, supervisor: User) -> None:
    proposal = make_proposal(camera, kind="dispersal")
    proposal_accept(proposal=proposal, actor=supervisor, reason=WHY)
    assert not gate.reasons_against_running([camera])
    with pytest.raises(KindNotAuthorisedError):
        alert_raise(camera_id=camera.pk, report=make_report(kind="dispersal"))
    assert alert_raise(camera_id=camera.pk, report=make_report(kind="person-on-ground"))[1]


def test_a_declined_one_rests_for_the_time_looked_at(camera: Camera, supervisor: User) -> None:
    decided(camera, dismissed=40)
    proposals_make()
    for proposal in Proposal.objects.open():
        proposal_decline(proposal=proposal, actor=supervisor, reason=WHY)
    assert proposals_make() == 0
    assert proposals_make(timezone.now() + timedelta(days=89)) == 0
    Alert.objects.update(raised_at=timezone.now() + timedelta(days=60))
    assert proposals_make(timezone.now() + timedelta(days=91)) == 2


def test_an_answer_needs_a_reason_and_is_given_once(camera: Camera, supervisor: User) -> None:
    proposal = make_proposal(camera)
    with pytest.raises(ValidationError, match="10 to 300 characters; these are 2"):
        proposal_decline(proposal=proposal, actor=supervisor, reason="no")
    proposal_decline(proposal=proposal, actor=supervisor, reason=WHY)
    with pytest.raises(ValidationError, match="answered this meanwhile"):
        proposal_accept(proposal=proposal, actor=supervisor, reason=WHY)
    assert not Halt.objects.exists()


def test_the_page_shows_the_record_and_takes_the_answer(camera: Camera, supervisor: User) -> None:
    decided(camera, dismissed=40)
    call_command("propose_switch_offs")
    proposal = Proposal.objects.get(camera=camera)
    client = Client()
    client.force_login(supervisor, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert "0 of 40 decided alerts were confirmed in 90 days" in client.get("/necessity/").text
    wrong = client.post(f"/necessity/{proposal.pk}/answer/", {"answer": "accept", "reason": "no"})
    assert (wrong.status_code, "these are 2" in wrong.text) == (422, True)
    page = client.post(f"/necessity/{proposal.pk}/answer/", {"answer": "accept", "reason": WHY}, follow=True).text
    assert f"Switched off: {camera.name}" in page
    assert Proposal.objects.get(pk=proposal.pk).state == ProposalState.ACCEPTED


def test_the_stop_button_stops_one_kind_at_a_site(camera: Camera, supervisor: User) -> None:
    client = Client()
    client.force_login(supervisor, backend="allauth.account.auth_backends.AuthenticationBackend")
    what = f"kind-{camera.site_id}-dispersal"
    page = client.post("/stop/add/", {"what": what, "reason": WHY}, follow=True).text
    assert f"Crowd dispersing at {camera.site.name}" in page
    again = client.post("/stop/add/", {"what": what, "reason": WHY})
    assert "stopped this already" in again.text


@pytest.mark.parametrize(
    ("decided_", "confirmed", "percent"), [(50, 0, 5.7), (50, 1, 9.0), (50, 2, 11.8), (100, 4, 8.8)]
)
def test_the_bound_is_the_quantile_of_the_beta_posterior(decided_: int, confirmed: int, percent: float) -> None:
    assert 100 * upper_bound(decided_, confirmed) == pytest.approx(percent, abs=0.05)
    assert upper_bound(decided_, confirmed) == pytest.approx(beta.ppf(0.95, confirmed + 1, decided_ - confirmed + 1))
