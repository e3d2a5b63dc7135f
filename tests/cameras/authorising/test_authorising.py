from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from alerts.models import Alert
from alerts.services.raising import KindNotAuthorisedError, alert_raise
from cameras.authorising import gate
from cameras.authorising.models import AskedSince, Authorisation, local_day
from cameras.authorising.services.authorising import (
    authorisation_save,
    authorisation_sign,
    authorisation_withdraw,
)
from cameras.authorising.services.demo import demo_authorise
from cameras.models import Camera
from cameras.running import reasons_against
from cameras.services.cameras import camera_switch
from inference.services.events import report_deliver
from paca_site.accounts.models import Role, User
from paca_site.audit.models import AuditEntry
from tests.cast import make_authorisation, make_camera, make_report, make_site, make_user

pytestmark = pytest.mark.django_db
WHY = "The council took its decision back."


@pytest.fixture(autouse=True)
def _authorisations_are_asked(monkeypatch: pytest.MonkeyPatch, settings: LazySettings) -> None:
    settings.REQUIRE_SECOND_FACTOR = False
    monkeypatch.setattr("cameras.running.AGAINST_RUNNING", (gate.reasons_against_running,))
    monkeypatch.setattr("cameras.running.AGAINST_STARTING", (gate.reasons_against_starting,))


@pytest.fixture
def camera() -> Camera:
    return make_camera()


@pytest.fixture
def administrator(camera: Camera) -> User:
    return make_user(Role.ADMINISTRATOR, camera.site)


@pytest.fixture
def supervisor(camera: Camera) -> User:
    return make_user(Role.SUPERVISOR, camera.site)


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def signed(camera: Camera, administrator: User, supervisor: User, **fields: object) -> Authorisation:
    draft = make_authorisation(camera, administrator, **fields)
    authorisation_sign(authorisation=draft, actor=supervisor, version=draft.version)
    draft.refresh_from_db()
    return draft


def test_a_camera_runs_only_under_a_signed_authorisation(camera: Camera, administrator: User, supervisor: User) -> None:
    assert reasons_against([camera]) == {camera.pk: ["No public authority has authorised it."]}
    draft = make_authorisation(camera, administrator)
    assert reasons_against([camera])
    authorisation_sign(authorisation=draft, actor=supervisor, version=draft.version)
    assert not reasons_against([camera])
    trail = AuditEntry.objects.filter(subject=f"authorisation:{draft.pk}").order_by("number")
    assert [entry.action for entry in trail] == ["authorisation.drafted", "authorisation.signed"]


def test_a_camera_that_nobody_authorised_cannot_be_started(camera: Camera, administrator: User) -> None:
    Camera.objects.filter(pk=camera.pk).update(is_enabled=False)
    camera.refresh_from_db()
    with pytest.raises(ValidationError, match="No public authority has authorised it"):
        camera_switch(camera=camera, is_enabled=True, actor=administrator)


def test_cameras_older_than_the_question_have_a_visible_grace_period(camera: Camera, settings: LazySettings) -> None:
    AskedSince.objects.all().delete()
    AskedSince.objects.create(at=timezone.now())
    Camera.objects.filter(pk=camera.pk).update(created_at=timezone.now() - timedelta(days=1))
    camera.refresh_from_db()
    assert not reasons_against([camera])
    assert "No public authority has authorised it. Runs until" in gate.endings([camera])[camera.pk][0]
    assert gate.reasons_against_starting([camera])
    settings.AUTHORISATION_GRACE_DAYS = 0
    assert reasons_against([camera])


def test_it_ends_with_its_last_day_without_any_grace_and_says_so_before(
    camera: Camera, administrator: User, supervisor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    last = local_day(camera.site, timezone.now()) + timedelta(days=30)
    signed(camera, administrator, supervisor, ends_on=last, review_on=last)
    soon, over = timezone.now() + timedelta(days=20), timezone.now() + timedelta(days=32)
    monkeypatch.setattr("cameras.authorising.gate.timezone.now", lambda: soon)
    assert gate.endings([camera]) == {camera.pk: [f"Its authorisation ends with {last}."]}
    assert not gate.reasons_against_running([camera])
    monkeypatch.setattr("cameras.authorising.gate.timezone.now", lambda: over)
    assert "Its authorisation ended on" in gate.reasons_against_running([camera])[camera.pk][0]


def test_a_justification_that_nobody_reviews_expires(
    camera: Camera, administrator: User, supervisor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    today = local_day(camera.site, timezone.now())
    signed(camera, administrator, supervisor, review_on=today)
    assert "is due for review; it counts until" in gate.endings([camera])[camera.pk][0]
    assert not reasons_against([camera])
    late = timezone.now() + timedelta(days=32)
    monkeypatch.setattr("cameras.authorising.gate.timezone.now", lambda: late)
    assert gate.reasons_against_running([camera])


def test_who_drafted_cannot_sign_in_code_nor_in_the_database(camera: Camera, administrator: User) -> None:
    draft = make_authorisation(camera, administrator)
    with pytest.raises(ValidationError, match="Who drafted it cannot sign"):
        authorisation_sign(authorisation=draft, actor=administrator, version=draft.version)
    with pytest.raises(IntegrityError, match="authorisation_signed_by_another_person"), transaction.atomic():
        Authorisation.objects.filter(pk=draft.pk).update(signed_by=administrator, signed_at=timezone.now())


def test_what_was_changed_after_it_was_read_is_not_signed(
    camera: Camera, administrator: User, supervisor: User
) -> None:
    draft = make_authorisation(camera, administrator)
    read = draft.version
    draft.authority = "Somebody else"
    authorisation_save(authorisation=draft, cameras=[camera], actor=administrator)
    with pytest.raises(ValidationError, match="changed after you opened it"):
        authorisation_sign(authorisation=draft, actor=supervisor, version=read)


def test_what_is_signed_stays_as_it_is_whoever_asks_the_database(
    camera: Camera, administrator: User, supervisor: User
) -> None:
    found = signed(camera, administrator, supervisor)
    rows = Authorisation.objects.filter(pk=found.pk)
    with pytest.raises(IntegrityError, match="only be withdrawn"), transaction.atomic():
        rows.update(ends_on=found.ends_on + timedelta(days=1))
    with pytest.raises(IntegrityError, match="it is signed"), transaction.atomic():
        rows.delete()
    with pytest.raises(IntegrityError, match="its cameras cannot be changed"), transaction.atomic():
        found.cameras.add(make_camera(camera.site))
    with pytest.raises(ValidationError, match="signed or changed this draft meanwhile"):
        authorisation_save(authorisation=found, cameras=[camera], actor=administrator)


def test_withdrawing_stops_its_cameras_and_cannot_be_taken_back(
    camera: Camera, administrator: User, supervisor: User
) -> None:
    found = signed(camera, administrator, supervisor)
    with pytest.raises(ValidationError, match="10 to 300 characters; these are 5"):
        authorisation_withdraw(authorisation=found, actor=supervisor, reason="short")
    authorisation_withdraw(authorisation=found, actor=supervisor, reason=WHY)
    assert reasons_against([camera])
    with pytest.raises(ValidationError, match="withdrawn already"):
        authorisation_withdraw(authorisation=found, actor=supervisor, reason=WHY)
    with pytest.raises(IntegrityError, match="only be withdrawn"), transaction.atomic():
        Authorisation.objects.filter(pk=found.pk).update(withdrawn_at=None, withdrawn_by=None, withdraw_reason="")


def test_a_kind_that_is_not_named_becomes_no_alert(camera: Camera, administrator: User, supervisor: User) -> None:
    signed(camera, administrator, supervisor, kinds=["person-on-ground"])
    with pytest.raises(KindNotAuthorisedError, match="'dispersal'"):
        alert_raise(camera_id=camera.pk, report=make_report(kind="dispersal"))
    assert report_deliver(camera.pk, make_report(kind="dispersal")) is None
    assert not Alert.objects.exists()
    alert, _ = alert_raise(camera_id=camera.pk, report=make_report(event_id="e1", kind="person-on-ground"))
    again, is_new = alert_raise(
        camera_id=camera.pk, report=make_report(event_id="e1", kind="dispersal", sentence="Another one", score=0.99)
    )
    assert (again.pk, is_new) == (alert.pk, False)
    assert (again.kind, again.sentence) == ("person-on-ground", alert.sentence)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"kinds": []}, "at least one kind"),
        ({"kinds": ["theft"]}, "Kinds of event are some of unusual-movement"),
        ({"necessity": "short"}, "at least 20"),
        ({"review_on": timezone.now().date() + timedelta(days=900)}, "between the first and the last day"),
        ({"ends_on": timezone.now().date() - timedelta(days=9)}, "must not come before the first"),
        ({"ends_on": timezone.now().date() + timedelta(days=2000)}, "at most five years"),
    ],
)
def test_what_does_not_make_sense_is_refused_with_the_reason(
    camera: Camera, administrator: User, fields: dict[str, object], message: str
) -> None:
    with pytest.raises(ValidationError, match=message):
        make_authorisation(camera, administrator, **fields)


def test_cameras_of_another_site_are_refused(camera: Camera, administrator: User) -> None:
    draft = make_authorisation(camera, administrator)
    with pytest.raises(ValidationError, match="All cameras must stand at the chosen place"):
        authorisation_save(authorisation=draft, cameras=[make_camera()], actor=administrator)
    with pytest.raises(IntegrityError, match="stands at another site"), transaction.atomic():
        draft.cameras.add(make_camera())


def test_the_whole_way_on_pages(camera: Camera, administrator: User, supervisor: User) -> None:
    office, desk = client_of(administrator), client_of(supervisor)
    assert "No public authority has authorised it." in office.get("/authorisations/").text
    today = local_day(camera.site, timezone.now())
    words = "Long enough to say what holds at this place."
    given = {
        "site": camera.site_id, "cameras": [camera.pk], "authority": "Council", "reference": "24/1", "purpose": "help",
        "legal_basis": "Act, section 7", "jurisdiction": "Norway", "public_place": words, "necessity": words,
        "alternatives": words, "proportionality": words, "kinds": ["person-on-ground"], "starts_on": str(today),
        "ends_on": str(today + timedelta(days=90)), "review_on": str(today + timedelta(days=60)),
    }  # fmt: skip
    wrong = office.post("/authorisations/add/", {**given, "necessity": "short"})
    assert wrong.status_code == 422
    assert "Council" in wrong.text
    page = office.post("/authorisations/add/", given, follow=True)
    draft = Authorisation.objects.get()
    assert "Waits for the signature of a supervisor" in page.text
    assert "Tick the box" in desk.post(f"/authorisations/{draft.pk}/sign/", {"version": "1"}).text
    answer = desk.post(f"/authorisations/{draft.pk}/sign/", {"version": "1", "is_read": "on"}, follow=True)
    assert "In force until" in answer.text
    assert "Council (24/1), under Act, section 7" in Client().get("/transparency/").text
    assert not reasons_against([camera])
    desk.post(f"/authorisations/{draft.pk}/withdraw/", {"reason": WHY})
    assert reasons_against([camera])


def test_the_gate_asks_the_database_equally_often_for_few_and_many(
    camera: Camera, administrator: User, supervisor: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    signed(camera, administrator, supervisor)
    cameras = [camera, *(make_camera(camera.site) for _ in range(6))]
    with django_assert_num_queries(4):
        assert len(gate.reasons_against_running(cameras)) == 6


def test_only_a_demo_site_is_authorised_by_the_program(camera: Camera, administrator: User, supervisor: User) -> None:
    with pytest.raises(ValueError, match="Only a demo site"):
        demo_authorise(site=camera.site, administrator=administrator, supervisor=supervisor)
    site = make_site(is_demo=True)
    own = make_camera(site)
    demo_authorise(site=site, administrator=administrator, supervisor=supervisor)
    assert not reasons_against([own])
