"""No policy keeps anything longer than a ceiling allows, whichever way it would come about."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from cameras.authorising.services.authorising import authorisation_sign, authorisation_withdraw
from cameras.ceilings.models import Ceiling
from cameras.ceilings.services.ceilings import ceiling_remove
from cameras.ceilings.standing import reasons_against_modality
from cameras.ceilings.telling import CONSTRAINT
from cameras.models import Camera, Modality, RetentionPolicy, Site
from cameras.services.cameras import camera_save, policy_save
from paca_site.accounts.models import Role, User
from paca_site.audit.models import AuditEntry
from tests.cast import make_authorisation, make_camera, make_ceiling, make_policy, make_site, make_user
from tests.paca_site.audit.test_trail_pages import client_of
from tests.test_pages import check

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("services")]


@pytest.fixture
def site() -> Site:
    return make_site()


@pytest.fixture
def administrator(site: Site) -> User:
    return make_user(Role.ADMINISTRATOR, site)


@pytest.fixture
def camera(site: Site) -> Camera:
    return make_camera(site, retention=make_policy(name="Long", masked_hours=72, clip_days=20, alert_days=60))


def signed(camera: Camera, administrator: User, **fields: Any) -> Any:
    authorisation = make_authorisation(camera, administrator, **fields)
    supervisor = make_user(Role.SUPERVISOR, camera.site)
    authorisation_sign(authorisation=authorisation, actor=supervisor, version=authorisation.version)
    return authorisation


def test_a_ceiling_below_a_policy_is_refused_and_says_whose(camera: Camera, administrator: User) -> None:
    with pytest.raises(ValidationError) as told:
        make_ceiling(administrator, jurisdiction="", masked_hours=48, clip_days=20, alert_days=30)
    assert told.value.messages == [
        f"{camera.name}: alerts may be kept for 30 days at most (all cameras); “Long” says 60.",
        f"{camera.name}: recordings may be kept for 48 hours at most (all cameras); “Long” says 72.",
    ]
    assert not Ceiling.objects.exists()
    assert not AuditEntry.objects.filter(action="ceiling.set").exists()


def test_a_policy_is_not_made_longer_than_a_ceiling(camera: Camera, administrator: User) -> None:
    make_ceiling(administrator, jurisdiction="", masked_hours=72)
    camera.retention.masked_hours = 73
    with pytest.raises(ValidationError, match="72 hours at most"):
        policy_save(policy=camera.retention, actor=administrator)
    assert RetentionPolicy.objects.get(pk=camera.retention_id).masked_hours == 72
    camera.retention.masked_hours = 71
    policy_save(policy=camera.retention, actor=administrator)


def test_a_camera_is_not_put_under_a_policy_above_its_ceiling(camera: Camera, administrator: User) -> None:
    make_ceiling(administrator, jurisdiction="", masked_hours=72)
    camera.retention = make_policy(name="Longer", masked_hours=100)
    with pytest.raises(ValidationError, match="“Longer” says 100"):
        camera_save(camera=camera, actor=administrator)
    with pytest.raises(ValidationError, match="“Longer” says 100"):
        make_camera_by_service(camera.site, camera.retention, administrator)


def make_camera_by_service(site: Site, retention: RetentionPolicy, actor: User) -> Camera:
    fresh = Camera(
        site=site, name="New", address="rtsp://127.0.0.1:1/x", latitude=58.1, longitude=8.0, retention=retention,
        purpose="See people in need of help.",
    )  # fmt: skip
    return camera_save(camera=fresh, actor=actor)


def test_a_ceiling_of_a_modality_concerns_only_what_it_keeps(camera: Camera, administrator: User) -> None:
    make_ceiling(administrator, jurisdiction="", modality=Modality.HYBRID, masked_hours=10, legal_basis="House rule")
    make_ceiling(administrator, jurisdiction="", modality=Modality.EDGE, alert_days=30, masked_hours=None)
    assert reasons_against_modality(camera, Modality.CENTRAL) == []
    assert [text.split(" (")[0] for text in reasons_against_modality(camera, Modality.HYBRID)] == [
        f"{camera.name}: recordings may be kept for 10 hours at most"
    ]
    assert "alerts may be kept for 30 days" in reasons_against_modality(camera, Modality.EDGE)[0]
    with pytest.raises(IntegrityError, match="above a ceiling"), transaction.atomic():
        Camera.objects.filter(pk=camera.pk).update(modality=Modality.HYBRID)


def test_a_jurisdiction_counts_from_the_signature_on_until_it_is_withdrawn(camera: Camera, administrator: User) -> None:
    make_ceiling(administrator, jurisdiction="  norWAY ", masked_hours=48)
    with pytest.raises(ValidationError, match=r"48 hours at most \(norWAY\)"):
        signed(camera, administrator, jurisdiction="Norway")
    elsewhere = signed(camera, administrator, jurisdiction="Denmark")
    policy_save(policy=camera.retention, actor=administrator)
    camera.retention.masked_hours = 48
    policy_save(policy=camera.retention, actor=administrator)
    here = signed(camera, administrator, jurisdiction="Norway ")
    camera.retention.masked_hours = 49
    with pytest.raises(ValidationError, match="48 hours at most"):
        policy_save(policy=camera.retention, actor=administrator)
    authorisation_withdraw(authorisation=here, actor=make_user(Role.SUPERVISOR), reason="It was replaced.")
    policy_save(policy=camera.retention, actor=administrator)
    assert elsewhere.pk != here.pk


def test_an_authorisation_that_is_over_sets_no_ceiling(camera: Camera, administrator: User) -> None:
    today = timezone.now().date()
    day = {"starts_on": today - timedelta(days=30), "ends_on": today, "review_on": today}
    signed(camera, administrator, jurisdiction="Norway", **day)
    with pytest.raises(ValidationError, match="48 hours"):
        make_ceiling(administrator, jurisdiction="Norway", masked_hours=48)


@pytest.mark.parametrize(
    "around",
    [
        lambda camera: RetentionPolicy.objects.filter(pk=camera.retention_id).update(masked_hours=200),
        lambda camera: Camera.objects.filter(pk=camera.pk).update(retention=make_policy(masked_hours=200)),
        lambda camera: Ceiling.objects.update(masked_hours=1),
        lambda camera: make_camera(camera.site, retention=make_policy(masked_hours=200)),
    ],
)
def test_the_database_refuses_it_whoever_writes(around: Any, camera: Camera, administrator: User) -> None:
    make_ceiling(administrator, jurisdiction="", masked_hours=100)
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        around(camera)
    assert refused.value.__cause__.diag.constraint_name == CONSTRAINT  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"masked_hours": None}, "Give at least one limit"),
        ({"modality": Modality.EDGE, "masked_hours": 5}, "An edge camera stores no footage"),
        ({"modality": Modality.HYBRID, "raw_hours": 5}, "keeps no unmasked video"),
        ({"alert_days": 0}, "greater than or equal to 1"),
        ({"legal_basis": ""}, "cannot be blank"),
    ],
)
def test_what_cannot_be_meant_is_refused(fields: dict[str, Any], told: str, administrator: User) -> None:
    with pytest.raises(ValidationError, match=told):
        make_ceiling(administrator, **fields)


def test_one_ceiling_for_a_place_and_modality_whatever_its_capitals(administrator: User) -> None:
    make_ceiling(administrator, jurisdiction="Norway")
    with pytest.raises(ValidationError, match="There is a ceiling for these already"):
        make_ceiling(administrator, jurisdiction=" NORWAY")


def test_setting_changing_and_taking_away_on_pages_stand_in_the_trail(camera: Camera, administrator: User) -> None:
    client = client_of(administrator)
    empty = client.get("/ceilings/")
    check(empty)
    assert "No ceilings yet" in empty.text
    given = {"modality": "", "jurisdiction": "Norway", "masked_hours": "168", "legal_basis": "Police Act"}
    assert client.post("/ceilings/add/", given).status_code == 302
    ceiling = Ceiling.objects.get()
    page = client.get("/ceilings/")
    check(page)
    assert "168 h" in page.text
    check(client.get(f"/ceilings/{ceiling.pk}/"))
    make_ceiling(administrator, jurisdiction="", clip_days=30)
    refused = client.post(
        f"/ceilings/{ceiling.pk}/", {**given, "jurisdiction": "", "modality": "central", "clip_days": "1"}
    )
    assert refused.status_code == 422
    assert "clips may be kept for 1 days at most (Central)" in refused.text
    assert client.post(f"/ceilings/{ceiling.pk}/", {**given, "masked_hours": "100"}).status_code == 302
    assert client.post(f"/ceilings/{ceiling.pk}/remove").status_code == 302
    entries = AuditEntry.objects.filter(subject=f"ceiling:{ceiling.pk}").order_by("number")
    assert [entry.action for entry in entries] == ["ceiling.set", "ceiling.set", "ceiling.removed"]
    told = json.loads(entries[1].body)["details"]
    assert (told["before"]["masked_hours"], told["now"]["masked_hours"]) == (168, 100)
    with pytest.raises(ValidationError, match="meanwhile"):
        ceiling_remove(ceiling=ceiling, actor=administrator)


def test_a_policy_s_page_says_which_camera_a_longer_one_would_break(camera: Camera, administrator: User) -> None:
    make_ceiling(administrator, jurisdiction="", masked_hours=72)
    client = client_of(administrator)
    given = {"name": "Long", "masked_hours": "90", "clip_days": "20", "alert_days": "60", "raw_hours": "0"}
    answer = client.post(f"/cameras/retention/{camera.retention_id}/change", {**given, "legal_basis": "Police Act"})
    assert answer.status_code == 422
    assert f"{camera.name}: recordings may be kept for 72 hours at most" in answer.text


def test_an_administrator_of_some_sites_only_reads(camera: Camera, administrator: User) -> None:
    make_camera()
    client = client_of(administrator)
    page = client.get("/ceilings/")
    assert "Only an administrator of every site with cameras sets them." in page.text
    assert client.get("/ceilings/add/").status_code == 404
