"""Two people at one camera: nobody undoes what the other saved without knowing."""

from typing import Any

import pytest
from django.urls import reverse

from cameras.models import Camera
from cameras.services.cameras import camera_save
from cameras.views import saving
from paca_site.accounts.models import Role
from tests.cameras.test_camera_pages import client_of, filled
from tests.cast import make_camera, make_site, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("services")]


@pytest.fixture(autouse=True)
def _no_second_factor(settings: Any) -> None:
    settings.REQUIRE_SECOND_FACTOR = False


def test_a_change_made_meanwhile_is_not_undone_unknowingly() -> None:
    site = make_site()
    camera, administrator = make_camera(site), make_user(Role.ADMINISTRATOR, site)
    client, url = client_of(administrator), reverse("cameras:camera-change", args=[camera.pk])
    mine = filled(site, camera.retention, name=camera.name, address=camera.address, purpose="Mine.", version=1)
    colleague = make_user(Role.ADMINISTRATOR, site)
    theirs = mine | {"purpose": "Theirs.", "heading_deg": 180}
    assert client_of(colleague).post(url, theirs).status_code == 302
    refused = client.post(url, mine)
    text = refused.content.decode()
    assert refused.status_code == 422
    assert "Somebody else saved this camera" in text
    assert "Mine." in text
    assert 'name="version" value="2"' in text
    camera.refresh_from_db()
    assert (camera.purpose, camera.heading_deg) == ("Theirs.", 180)
    assert client.post(url, mine | {"version": 2}).status_code == 302
    camera.refresh_from_db()
    assert camera.purpose == "Mine."


def test_a_camera_stopped_meanwhile_is_not_started_by_an_older_form() -> None:
    site = make_site()
    camera, client = make_camera(site), client_of(make_user(Role.ADMINISTRATOR, site))
    mine = filled(site, camera.retention, name=camera.name, address=camera.address, purpose="Mine.", version=1)
    client.post(reverse("cameras:camera-switch", args=[camera.pk]), {"running": "0"})
    assert client.post(reverse("cameras:camera-change", args=[camera.pk]), mine).status_code == 422
    camera.refresh_from_db()
    assert (camera.is_enabled, camera.version) == (False, 2)


def test_who_loses_the_race_to_the_database_is_told_on_the_form(monkeypatch: pytest.MonkeyPatch) -> None:
    """The other one saves between the check of the form and its saving."""
    site = make_site()
    camera, client = make_camera(site), client_of(make_user(Role.ADMINISTRATOR, site))
    mine = filled(site, camera.retention, name=camera.name, address=camera.address, purpose="Mine.", version=1)

    def later(**arguments: Any) -> Any:
        Camera.objects.filter(pk=camera.pk).update(version=2, purpose="Theirs.")
        return camera_save(**arguments)

    monkeypatch.setattr(saving, "camera_save", later)
    refused = client.post(reverse("cameras:camera-change", args=[camera.pk]), mine)
    text = refused.content.decode()
    assert (refused.status_code, "a moment ago" in text, "Mine." in text) == (422, True, True)
    camera.refresh_from_db()
    assert camera.purpose == "Theirs."
