import math
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from alerts.models import Severity
from alerts.plan import METRES_PER_DEGREE, offset_m
from alerts.site_map.coverage import View, coverage
from alerts.site_map.drawing import site_map
from alerts.site_map.placing import KnownPoint, matrix, placement_of_points, placement_of_scale
from cameras.models import Camera, Site
from paca_site.accounts.models import Role
from tests.cast import make_alert, make_camera, make_plan, make_site, make_user

METRE = 1 / METRES_PER_DEGREE
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("services")]


def client_of(role: Role, site: Site) -> Client:
    client = Client()
    client.force_login(make_user(role, site), backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def test_two_points_lay_the_picture_so_that_both_are_where_they_are() -> None:
    site = Site(latitude=58.0, longitude=8.0)
    first = KnownPoint(100, 50, 58.0002, 8.0001)
    second = KnownPoint(300, 400, 57.9997, 8.0009)
    lies = placement_of_points(first, second)
    a, b, c, d, e, f = matrix(lies, *offset_m(first, site))
    for point in (first, second):
        x, y = a * point.x + c * point.y + e, b * point.x + d * point.y + f
        assert (x, y) == pytest.approx(offset_m(point, site), abs=0.01)
    assert a * d - b * c > 0  # not mirrored


def test_scale_and_direction_turn_the_upper_edge_to_the_east() -> None:
    lies = placement_of_scale(KnownPoint(0, 0, 58.0, 8.0), 0.5, 90)
    _, _, c, d, e, f = matrix(lies, 0, 0)
    up = (-c + e, -d + f)  # of one pixel upwards, which is y = -1
    assert up == pytest.approx((0.5, 0.0), abs=1e-9)


@pytest.mark.django_db(False)
def test_coverage_counts_a_quarter_circle_twice_seen_and_blind_ground() -> None:
    camera = Camera(heading_deg=45, view_deg=90, range_m=40)
    quarter = math.pi * 40**2 / 4
    one = coverage([View(camera, 0, 0, True)])
    assert one.planned_m2 == pytest.approx(quarter, rel=0.05)
    assert (one.twice_m2, one.blind_m2) == (0, 0)
    two = coverage([View(camera, 0, 0, True), View(camera, 0, 0, True)])
    assert two.twice_m2 == two.planned_m2 == pytest.approx(quarter, rel=0.05)
    out = coverage([View(camera, 0, 0, False), View(camera, 200, 0, True)])
    assert out.blind_m2 == pytest.approx(quarter, rel=0.15)
    assert out.blind_percent == pytest.approx(50, abs=6)
    assert coverage([]).planned_m2 == 0


def test_the_map_shows_cameras_states_and_numbered_alerts_of_its_site_only() -> None:
    site = make_site()
    quay, square = make_camera(site, name="Quay"), make_camera(site, name="Square", is_enabled=False)
    make_camera(name="Elsewhere")
    low = make_alert(quay, severity=Severity.LOW)
    high = make_alert(square, severity=Severity.HIGH, raised_at=timezone.now() - timedelta(minutes=9))
    client = client_of(Role.OPERATOR, site)
    for path in (f"/map/{site.pk}/", f"/map/{site.pk}/live"):
        text = client.get(path).text
        assert "Elsewhere" not in text
        assert text.count('class="map__cone"') == 2
        assert 'data-condition="stopped"' in text
        order = [text.find(f'id="map-alert-{alert.pk}"') for alert in (high, low)]
        assert 0 < order[0] < order[1]
        assert "on a plain grid" in text
        assert "nobody sees now" in text
    assert client.get("/map/")["Location"] == f"/map/{site.pk}/"


def test_an_administrator_sees_cameras_and_no_alert() -> None:
    site = make_site()
    alert = make_alert(make_camera(site, name="Quay"))
    text = client_of(Role.ADMINISTRATOR, site).get(f"/map/{site.pk}/").text
    assert "Quay" in text
    assert alert.sentence not in text
    assert f"/alerts/{alert.pk}/" not in text
    assert "Add a site plan" in text


def test_a_site_without_cameras_and_a_person_without_a_site_are_told_so() -> None:
    site = make_site()
    assert "has no camera yet" in client_of(Role.OPERATOR, site).get(f"/map/{site.pk}/").text
    nobody = Client()
    nobody.force_login(make_user(Role.OPERATOR), backend="allauth.account.auth_backends.AuthenticationBackend")
    assert "No site is yours" in nobody.get("/map/").text


def test_a_plan_is_drawn_only_where_it_is_known_to_lie_and_the_box_holds_it() -> None:
    site, administrator = make_site(), make_user(Role.ADMINISTRATOR)
    camera = make_camera(site)
    plan = make_plan(site, administrator)
    assert site_map(site, [camera], [], plan).plan is None
    plan.anchor_x, plan.anchor_y, plan.metres_per_px, plan.turned_deg = 0, 0, 1.0, 0.0
    plan.anchor_latitude, plan.anchor_longitude = site.latitude + 100 * METRE, site.longitude
    drawn = site_map(site, [camera], [], plan)
    assert drawn.plan is plan
    assert drawn.left < 0
    assert drawn.left + drawn.width > 400  # 400 pixels of 1 m to the east
    assert drawn.top < -100
