"""Boxes come by a code, run cameras of their site, and are revoked; the pages show how they do."""

from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from cameras.boxes.gate import reasons_against_running
from cameras.boxes.models import Box, Placement
from cameras.boxes.services.enrolling import box_change_cameras, box_code_make, box_create, box_enrol, box_revoke
from cameras.conditions import camera_condition
from cameras.models import Camera
from inference.core.boxes.requests import fingerprint, public_of
from paca_site.accounts.models import Role, User
from paca_site.audit.models import AuditEntry
from tests.cast import make_box, make_camera, make_site, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("services")]
KEY = public_of(Ed25519PrivateKey.generate())
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def camera() -> Camera:
    return make_camera(modality="edge")


@pytest.fixture
def administrator(camera: Camera) -> User:
    return make_user(Role.ADMINISTRATOR, camera.site)


def new_box(camera: Camera, administrator: User, *cameras: Camera) -> tuple[Box, str]:
    box = Box(name="Lamp post 4", site=camera.site)
    return box, box_create(box=box, cameras=cameras or [camera], actor=administrator)


def actions() -> list[str]:
    return list(
        AuditEntry.objects.filter(action__startswith="box.").order_by("number").values_list("action", flat=True)
    )


def test_a_code_enrols_one_box_once_however_it_is_typed_and_is_stored_as_a_hash_only(
    camera: Camera, administrator: User
) -> None:
    box, code = new_box(camera, administrator)
    assert code not in str(Box.objects.values())
    assert code.replace("-", "") not in str(list(AuditEntry.objects.values()))
    enrolled = box_enrol(code=code.lower().replace("-", " "), public_key=KEY)
    assert enrolled == box
    assert box_enrol(code=code, public_key=KEY) is None
    box.refresh_from_db()
    assert (box.public_key, box.enrolment, box.code_hash) == (KEY, 1, "")
    assert box.fingerprint == fingerprint(KEY)
    assert actions() == ["box.created", "box.enrolled"]


@pytest.mark.parametrize("code", ["", "-", "AAAAA-AAAAA-AAAAA"])
def test_no_other_code_enrols(code: str, camera: Camera, administrator: User) -> None:
    new_box(camera, administrator)
    assert box_enrol(code=code, public_key=KEY) is None


def test_a_code_is_good_for_fifteen_minutes(camera: Camera, administrator: User) -> None:
    box, code = new_box(camera, administrator)
    Box.objects.update(code_expires_at=timezone.now() - timedelta(seconds=1))
    assert box_enrol(code=code, public_key=KEY) is None
    box.refresh_from_db()
    assert box.state == "expired"
    box, newer = Box.objects.get(), box_code_make(box=box, actor=administrator)
    assert box_enrol(code=newer, public_key=KEY) == box


def test_a_revoked_box_has_no_key_keeps_its_cameras_and_comes_back_by_a_new_code_only(
    camera: Camera, administrator: User
) -> None:
    box, code = new_box(camera, administrator)
    box_enrol(code=code, public_key=KEY)
    box.refresh_from_db()
    with pytest.raises(ValidationError, match="at least 10"):
        box_revoke(box=box, actor=administrator, reason="gone")
    box_revoke(box=box, actor=administrator, reason="Stolen from its post")
    with pytest.raises(ValidationError, match="already"):
        box_revoke(box=box, actor=administrator, reason="Stolen from its post")
    box.refresh_from_db()
    assert (box.state, box.public_key, box.placements.count()) == ("revoked", "", 1)
    code = box_code_make(box=box, actor=administrator)
    assert box_enrol(code=code, public_key=KEY)
    box.refresh_from_db()
    assert (box.state, box.enrolment) == ("silent", 2)


def test_a_box_runs_hybrid_and_edge_cameras_of_its_site_that_have_no_other_box(
    camera: Camera, administrator: User
) -> None:
    central, elsewhere = make_camera(camera.site), make_camera(modality="edge")
    for wrong, words in ((central, "masked centrally"), (elsewhere, "another site")):
        with pytest.raises(ValidationError, match=words):
            new_box(camera, administrator, wrong)
    assert not Box.objects.exists(), "nothing of a box that could not be made is left"
    box, _ = new_box(camera, administrator)
    other = Box(name="Lamp post 5", site=camera.site)
    with pytest.raises(ValidationError, match="has a box already"):
        box_create(box=other, cameras=[camera], actor=administrator)
    box_change_cameras(box=box, cameras=[], actor=administrator)
    assert not Placement.objects.exists()
    box_create(box=Box(name="Lamp post 6", site=camera.site), cameras=[camera], actor=administrator)
    assert actions() == ["box.created", "box.changed", "box.created"]


def test_a_change_that_changes_nothing_leaves_no_entry(camera: Camera, administrator: User) -> None:
    box, _ = new_box(camera, administrator)
    box_change_cameras(box=box, cameras=[camera], actor=administrator)
    assert actions() == ["box.created"]


def client_of(person: User) -> Client:
    client = Client()
    client.force_login(person, backend=BACKEND)
    return client


def test_the_page_shows_a_code_once_and_it_enrols(camera: Camera, administrator: User) -> None:
    client = client_of(administrator)
    values: dict[str, Any] = {"name": "Lamp post 4", "site": camera.site_id, "cameras": [camera.pk]}
    answer = client.post("/boxes/add/", values)
    code = answer.context["code"]
    assert code in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    page = client.get(f"/boxes/{Box.objects.get().pk}/")
    assert code not in page.content.decode()
    assert camera.name in page.content.decode()
    assert client.post("/boxes/add/", values).status_code == 422
    enrolled = Client().post("/box/enrol", data="{", content_type="application/json")
    assert enrolled.json()["refused"] == "malformed"


def test_the_form_offers_no_camera_of_another_site_or_of_the_central_modality(
    camera: Camera, administrator: User
) -> None:
    central, elsewhere = make_camera(camera.site), make_camera(modality="hybrid")
    page = client_of(administrator).get("/boxes/add/").content.decode()
    assert camera.name in page
    assert central.name not in page
    assert elsewhere.name not in page
    values: dict[str, Any] = {"name": "Lamp post 4", "site": camera.site_id, "cameras": [elsewhere.pk]}
    assert client_of(administrator).post("/boxes/add/", values).status_code == 422


def test_boxes_of_other_sites_are_absent(camera: Camera, administrator: User) -> None:
    box = make_box(make_site(), administrator)
    client = client_of(administrator)
    assert box.name not in client.get("/boxes/").content.decode()
    for address in ("", "code/", "cameras/", "revoke/"):
        assert client.post(f"/boxes/{box.pk}/{address}").status_code in {404, 405}


def test_the_list_costs_the_same_however_many_boxes_there_are(
    camera: Camera, administrator: User, django_assert_max_num_queries: Any
) -> None:
    for _ in range(12):
        make_box(camera.site, administrator)
    client = client_of(administrator)
    client.get("/boxes/")
    with django_assert_max_num_queries(9):
        client.get("/boxes/")


def test_a_box_without_a_key_is_not_challenged(camera: Camera, administrator: User) -> None:
    box, _ = new_box(camera, administrator)
    auditor = client_of(make_user(Role.AUDITOR, camera.site))
    assert "Challenge it now" not in auditor.get(f"/boxes/{box.pk}/").content.decode()
    assert auditor.post(f"/boxes/{box.pk}/challenge/").status_code == 302
    assert not box.challenges.exists()


def test_a_camera_that_waits_for_its_box_does_not_run_and_says_why(camera: Camera, administrator: User) -> None:
    central = make_camera(camera.site)
    (reason,) = reasons_against_running([camera, central])[camera.pk]
    assert "camera box" in reason
    new_box(camera, administrator)
    assert reasons_against_running([camera, central]) == {}


@pytest.mark.parametrize("modality", ["hybrid", "edge"])
def test_a_new_camera_takes_any_modality_and_one_that_exists_keeps_its_own(
    modality: str, camera: Camera, administrator: User
) -> None:
    names = ("frames_per_second", "site", "latitude", "longitude", "heading_deg", "view_deg", "range_m", "purpose")
    values = {name: getattr(camera, name) for name in names} | {"site": camera.site_id, "name": "Another"}
    values |= {"address": "rtsp://10.0.0.9/stream", "retention": camera.retention_id, "modality": modality}
    client = client_of(administrator)
    assert client.post("/cameras/add", values).status_code == 302
    made = Camera.objects.get(name="Another")
    assert made.modality == modality
    page = client.get(f"/cameras/{made.pk}/change").content.decode()
    assert "changes its modality on a page of its own" in page
    values |= {"version": made.version, "modality": "central"}
    assert client.post(f"/cameras/{made.pk}/change", values).status_code == 422


def test_the_page_of_a_camera_tells_of_its_box(camera: Camera, administrator: User) -> None:
    client = client_of(administrator)
    assert "none yet" in client.get(f"/cameras/{camera.pk}/").content.decode()
    box, code = new_box(camera, administrator)
    box_enrol(code=code, public_key=KEY)
    Box.objects.update(seen_at=timezone.now(), release="0.1.0", clock_offset_s=1.25)
    page = client.get(f"/cameras/{camera.pk}/").content.decode()
    assert f'<a href="/boxes/{box.pk}/">' in page
    assert "release 0.1.0, clock 1.2 s off" in page or "release 0.1.0, clock 1.3 s off" in page


def test_of_an_edge_camera_only_its_box_is_expected_to_report(camera: Camera) -> None:
    assert "camera box" in camera_condition(camera).reason
    assert "worker" in camera_condition(make_camera(camera.site, modality="hybrid")).reason
