import io
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image, PngImagePlugin

from alerts.site_map.models import SitePlan
from alerts.site_map.placing import KnownPoint, placement_of_scale
from alerts.site_map.services import plan_place
from cameras.models import Site
from paca_site.accounts.models import Role, User
from paca_site.audit.models import AuditEntry
from tests.cast import make_camera, make_site, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("services")]
PLACED = {
    "way": "points",
    "first_x": "10",
    "first_y": "10",
    "first_latitude": "58.1463",
    "first_longitude": "7.9926",
    "second_x": "310",
    "second_y": "210",
    "second_latitude": "58.1459",
    "second_longitude": "7.9936",
}


@pytest.fixture
def site() -> Site:
    return make_site()


@pytest.fixture
def administrator(site: Site) -> User:
    return make_user(Role.ADMINISTRATOR, site)


@pytest.fixture
def client(administrator: User) -> Client:
    client = Client()
    client.force_login(administrator, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def picture(kind: str = "PNG", size: tuple[int, int] = (400, 300), **options: Any) -> bytes:
    target = io.BytesIO()
    Image.effect_noise(size, 60).convert("RGB").save(target, kind, **options)
    return target.getvalue()


def store(client: Client, site: Site, content: bytes, name: str = "plan.png") -> Any:
    return client.post(f"/map/{site.pk}/plan/store", {"picture": SimpleUploadedFile(name, content)})


def test_a_plan_is_stored_anew_without_its_metadata_placed_and_shown(client: Client, site: Site) -> None:
    make_camera(site)
    words = PngImagePlugin.PngInfo()
    words.add_text("Author", "Kari Nordmann, Storgata 1")
    exif = Image.Exif()
    exif[0x013B] = "Kari Nordmann"
    answer = store(client, site, picture(pnginfo=words, exif=exif))
    assert answer["Location"] == f"/map/{site.pk}/plan/"
    kept = SitePlan.objects.get()
    assert b"Kari" not in bytes(kept.picture)
    with Image.open(io.BytesIO(bytes(kept.picture))) as stored:
        assert (stored.format, stored.size, dict(stored.getexif())) == ("WEBP", (400, 300), {})
    assert "Not on the map yet" in client.get(f"/map/{site.pk}/plan/").text
    assert "<image" not in client.get(f"/map/{site.pk}/").text
    assert client.post(f"/map/{site.pk}/plan/place", PLACED)["Location"] == f"/map/{site.pk}/"
    assert 'transform="matrix(' in client.get(f"/map/{site.pk}/").text
    served = client.get(f"/map/{site.pk}/plan/picture")
    assert (served["Content-Type"], served.content) == ("image/webp", bytes(kept.picture))
    again = client.get(f"/map/{site.pk}/plan/picture", headers={"If-None-Match": served["ETag"]})
    assert again.status_code == 304
    done = list(AuditEntry.objects.filter(action__startswith="site-plan.").values_list("action", flat=True))
    assert sorted(done) == ["site-plan.placed", "site-plan.stored"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a PNG, JPEG or WebP"),
        (picture("GIF"), "not a PNG, JPEG or WebP"),
        (picture("JPEG")[:2000], "damaged"),
        (picture(size=(99, 400)), "at least 100"),
        (picture("JPEG", size=(9000, 6000), quality=1), "at most 50 million"),
        (b"\x89PNG\r\n\x1a\n" + b"0" * (10 * 2**20), "at most 10 MiB"),
    ],
    ids=["svg", "gif", "cut off", "tiny", "a bomb", "too many bytes"],
)
def test_what_is_no_plan_is_refused_whatever_its_name(client: Client, site: Site, content: bytes, words: str) -> None:
    answer = store(client, site, content)
    assert answer.status_code == 422
    assert words in answer.text
    assert not SitePlan.objects.exists()


def test_a_large_picture_is_made_smaller(client: Client, site: Site) -> None:
    store(client, site, picture("JPEG", size=(5000, 1000), quality=5))
    assert (SitePlan.objects.get().width, SitePlan.objects.get().height) == (4000, 800)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"second_x": ""}, "Needed for the way you chose"),
        ({"second_x": "401"}, "The picture has 400 pixels"),
        ({"second_x": "12", "second_y": "12"}, "choose two that are at least 20 pixels"),
        ({"second_latitude": "59.9"}, "One pixel would be"),
        ({"first_latitude": "91"}, "less than or equal to 90"),
        ({"way": "scale"}, "Needed for the way you chose"),
    ],
)
def test_a_place_that_cannot_be_is_refused_and_keeps_what_was_written(
    client: Client, site: Site, given: dict[str, str], words: str
) -> None:
    store(client, site, picture())
    answer = client.post(f"/map/{site.pk}/plan/place", {**PLACED, **given})
    assert answer.status_code == 422
    assert words in answer.text
    assert 'value="7.9926"' in answer.text
    assert not SitePlan.objects.get().is_placed


def test_a_picture_of_the_same_size_keeps_its_place_another_loses_it(client: Client, site: Site) -> None:
    store(client, site, picture())
    client.post(f"/map/{site.pk}/plan/place", PLACED)
    store(client, site, picture("JPEG"))
    assert SitePlan.objects.get().is_placed
    store(client, site, picture(size=(500, 300)))
    assert not SitePlan.objects.get().is_placed


def test_a_place_for_a_picture_that_was_changed_meanwhile_is_refused(
    client: Client, site: Site, administrator: User
) -> None:
    store(client, site, picture())
    seen = SitePlan.objects.get()
    store(client, site, picture("JPEG"))
    with pytest.raises(ValidationError, match="Another picture was stored meanwhile"):
        plan_place(plan=seen, actor=administrator, placement=placement_of_scale(KnownPoint(0, 0, 58, 8), 0.1, 0))
    assert not SitePlan.objects.get().is_placed


def test_a_removed_plan_is_gone_and_removing_twice_does_no_harm(client: Client, site: Site) -> None:
    store(client, site, picture())
    for _ in range(2):
        assert client.post(f"/map/{site.pk}/plan/remove").status_code == 302
    assert not SitePlan.objects.exists()
    assert client.get(f"/map/{site.pk}/plan/picture").status_code == 404
    assert AuditEntry.objects.filter(action="site-plan.removed").count() == 1
