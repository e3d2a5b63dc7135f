"""The pages of the leak watch: its numbers, its honest words, and the way out of a suspension."""

from datetime import UTC, datetime

import pytest
from django.conf import LazySettings
from django.test import Client

from cameras.boxes.models import Placement
from cameras.leaking.models import LeakHour, Suspension
from cameras.models import Camera
from paca_site.accounts.models import Role, User
from tests.cast import make_box, make_camera, make_user
from tests.inference.leaking.suspensions import make_suspension

pytestmark = pytest.mark.django_db


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def camera() -> Camera:
    return make_camera(is_enabled=True)


@pytest.fixture
def desk(camera: Camera) -> Client:
    return client_of(make_user(Role.SUPERVISOR, camera.site))


def this_hour() -> datetime:
    return datetime.now(UTC).replace(minute=0, second=0, microsecond=0)


def test_the_page_shows_hours_with_their_interval_and_says_what_it_cannot_see(camera: Camera, desk: Client) -> None:
    LeakHour.objects.create(
        camera=camera, hour=this_hour(), frames=110, people=1000, leaks=10, leak_frames=10, skipped=7, failed=3
    )
    page = desk.get(f"/leaks/{camera.pk}/").text
    assert "10 of 1000 people looked at were not fully covered" in page
    assert "10.0 of 1,000 people, by the 95 percent interval 4.8 to 18.4" in page
    assert '<td class="is-number">7</td><td class="is-number">3</td>' in page
    assert "a person whom both miss is in no count here" in page
    assert "10 of 1000" in desk.get("/leaks/").text


def test_where_it_is_off_the_pages_and_the_camera_say_so(camera: Camera, desk: Client, settings: LazySettings) -> None:
    settings.LEAK_WATCH = False
    for address in ("/leaks/", f"/leaks/{camera.pk}/", f"/cameras/{camera.pk}/"):
        assert "PACA_LEAK_WATCH" in desk.get(address).text


def test_of_a_camera_behind_a_box_it_says_that_nothing_looks_again(desk: Client) -> None:
    user = User.objects.get()
    site = user.scopes.get().site
    camera = make_camera(site, modality="hybrid")
    Placement.objects.create(camera=camera, box=make_box(site, user))
    assert "boxes do not look again" in desk.get(f"/leaks/{camera.pk}/").text


def test_a_supervisor_lets_a_camera_run_again_on_its_page(camera: Camera, desk: Client) -> None:
    suspension = make_suspension(camera)
    page = desk.get(f"/cameras/{camera.pk}/").text
    assert suspension.sentence in page
    assert f'href="/leaks/{camera.pk}/"' in page
    refused = desk.post(f"/leaks/suspensions/{suspension.pk}/lift", {"reason": "mended"})
    assert refused.status_code == 422
    assert 'value="mended"' in refused.text
    answer = desk.post(
        f"/leaks/suspensions/{suspension.pk}/lift", {"reason": "The mirror is under a zone."}, follow=True
    )
    assert f"{camera.name} may run again." in answer.text
    assert "The mirror is under a zone." in answer.text
    assert not Suspension.objects.current().exists()
    again = desk.post(f"/leaks/suspensions/{suspension.pk}/lift", {"reason": "The mirror is under a zone."})
    assert again.status_code == 422
    assert "meanwhile" in again.text


def test_an_operator_reads_and_is_told_who_lets_it_run(camera: Camera) -> None:
    make_suspension(camera)
    page = client_of(make_user(Role.OPERATOR, camera.site)).get(f"/leaks/{camera.pk}/").text
    assert "A supervisor lets it run again." in page
    assert '<form method="post" action="/leaks/' not in page
