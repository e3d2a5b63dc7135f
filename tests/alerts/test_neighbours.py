"""What stands beside an alert: live tiles of near cameras, and what the machine is known to get wrong."""

import re
from pathlib import Path

import pytest
from django.utils import translation

from alerts.limits import LIMITS, limits_of
from alerts.neighbours import neighbours_of
from cameras.event_kinds import KINDS
from paca_site.accounts.models import Role, SiteScope
from tests.cast import make_alert, make_camera, make_site, make_user
from tests.paca_site.audit.test_trail_pages import client_of

DEGREES_A_METRE = 1 / 111_320
DETECTION = Path(__file__).resolve().parent.parent.parent / "docs" / "detection.md"


@pytest.mark.django_db
def test_the_nearest_three_of_the_site_are_neighbours_the_nearest_first() -> None:
    site = make_site()
    here = make_camera(site, name="Here")
    for metres in (50, 10, 40, 30, 200):
        make_camera(site, name=f"{metres} m", latitude=here.latitude + metres * DEGREES_A_METRE)
    other_site = make_site()
    make_camera(other_site, name="Another site", latitude=here.latitude)
    operator = make_user(Role.OPERATOR, site)
    SiteScope.objects.create(user=operator, site=other_site)
    assert [camera.name for camera in neighbours_of(here, operator)] == ["10 m", "30 m", "40 m"]


@pytest.mark.django_db
def test_the_page_asks_for_live_tiles_only_when_somebody_opens_them(services: object) -> None:
    site = make_site()
    here = make_camera(site, name="Here")
    make_camera(site, name="Beside")
    alert = make_alert(here)
    client = client_of(make_user(Role.OPERATOR, site))
    page = client.get(f"/alerts/{alert.pk}/").text
    assert f'hx-get="/alerts/{alert.pk}/live"' in page
    assert "data-live-now" not in page
    tiles = client.get(f"/alerts/{alert.pk}/live").text
    assert re.findall(r'data-name="([^"]+)"', tiles) == ["Here", "Beside"]
    alone = client_of(make_user(Role.OPERATOR, make_site())).get(f"/alerts/{alert.pk}/live")
    assert alone.status_code == 404


@pytest.mark.django_db
def test_an_alert_s_page_says_what_the_machine_gets_wrong(services: object) -> None:
    alert = make_alert(kind="person-on-ground")
    page = client_of(make_user(Role.OPERATOR, alert.camera.site)).get(f"/alerts/{alert.pk}/").text
    assert "ties a shoe" in page
    assert "It sees silhouettes only" in page


def test_every_kind_has_limits_of_its_own_in_both_languages() -> None:
    assert set(LIMITS) == set(KINDS)
    for kind in KINDS:
        english = limits_of(kind)
        with translation.override("nb"):
            assert not set(limits_of(kind)) & set(english)


def test_the_shares_told_are_those_that_were_measured() -> None:
    measured = DETECTION.read_text()
    row = r"\| (fight|dispersal|fall) \| \d+ \| (\S+) \| (\S+) \|"
    rows = {name: cells for name, *cells in re.findall(row, measured)}
    assert {name: float(found) for name, (found, _) in rows.items()} == {"fight": 0.31, "dispersal": 0.16, "fall": 0.34}
    assert {name: float(hits) for name, (_, hits) in rows.items()} == {"fight": 0.62, "dispersal": 0.42, "fall": 0.4}
    assert ".24 to .41 of the fights found" in measured
