"""What one site does is seen by its own auditors, and what others live by is not changed over their heads."""

import json

import pytest
from django.urls import reverse

from cameras.models import Site
from paca_site.accounts.models import Role, User
from paca_site.audit.models import AuditEntry
from tests.cameras.test_camera_pages import client_of
from tests.cast import make_camera, make_policy, make_site, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("services")]


@pytest.fixture
def site() -> Site:
    return make_site()


@pytest.fixture
def administrator(site: Site) -> User:
    return make_user(Role.ADMINISTRATOR, site)


def test_each_sites_auditor_finds_who_opened_the_wall(site: Site) -> None:
    other = make_site()
    shown = [make_camera(site), make_camera(other)]
    client_of(make_user(Role.OPERATOR, site, other)).get(reverse("cameras:wall"))
    entries = AuditEntry.objects.filter(action="wall.opened")
    assert {entry.site_id: json.loads(entry.body)["details"] for entry in entries} == {
        camera.site_id: {"cameras": [camera.pk]} for camera in shown
    }
    assert len({entry.request_id for entry in entries}) == 1


def test_a_policy_that_others_live_by_is_not_changed(site: Site, administrator: User) -> None:
    shared, own = make_policy(), make_policy()
    make_camera(site, retention=shared), make_camera(site, retention=own), make_camera(retention=shared)
    client = client_of(administrator)
    for policy, status in ((shared, 404), (own, 200), (make_policy(), 200)):
        assert client.get(reverse("cameras:policy-change", args=[policy.pk])).status_code == status
    page = client.get(reverse("cameras:policy-list"))
    assert [(policy.camera_count, policy.other_count) for policy, _ in page.context["rows"]].count((1, 1)) == 1
    assert page.content.decode().count("not yours to change alone") == 1
