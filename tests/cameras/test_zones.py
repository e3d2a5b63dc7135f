"""Zones that are always masked: what an administrator may write, what is refused and how, what reaches the masker."""

import json
from typing import Any

import numpy as np
import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from cameras.models import Camera, Site
from cameras.zones import LEAST_AREA, check_zones, zones_from_text, zones_to_text
from inference.core.masking.cover import zone_pixels
from inference.core.masking.registry import create_masker
from paca_site.accounts.models import Role, User
from paca_site.audit.models import AuditEntry
from tests.cameras.test_camera_pages import client_of
from tests.cast import make_camera, make_site, make_user

DOORWAY = "10,20 30,20 30,80.5"
SETTINGS = {"zones": DOORWAY, "vehicle_masking": "plates", "masking_style": "silhouette", "version": 1}


def test_a_line_is_a_zone_and_reads_back_as_it_was_written() -> None:
    zones = zones_from_text(f"{DOORWAY}\n\n  0,0 100,0 100,10 0,10  \n")
    assert zones[0] == [[0.1, 0.2], [0.3, 0.2], [0.3, 0.805]]
    assert zones_to_text(zones) == f"{DOORWAY}\n0,0 100,0 100,10 0,10"


_shares = st.integers(0, 1000).map(lambda number: number / 1000)
_zone = st.lists(st.tuples(_shares, _shares).map(list), min_size=3, max_size=12)


def _around(reaches: list[int]) -> list[list[float]]:
    """Return corners in order round the middle, each so many thousandths away from it: never a crossing."""
    angles = np.linspace(0, 2 * np.pi, len(reaches), endpoint=False)
    return [
        [round(0.5 + reach / 1000 * np.cos(at), 3), round(0.5 + reach / 1000 * np.sin(at), 3)]
        for reach, at in zip(reaches, angles.tolist(), strict=True)
    ]


@given(st.lists(st.lists(st.integers(100, 499), min_size=3, max_size=12).map(_around), max_size=5))
def test_whatever_is_allowed_survives_being_written_and_read(zones: list[Any]) -> None:
    check_zones(zones)
    again = zones_from_text(zones_to_text(zones))
    assert all(np.allclose(one, other, atol=1e-9) for one, other in zip(zones, again, strict=True))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("10,20 30,20", "Line 1: zone 1 needs 3 to 40 corners, got 2."),
        (f"{DOORWAY}\n10;20 30,20 30,80", "Line 2: a corner is two numbers"),
        ("10,20 30,20 130,80", "must be 0 to 100 percent, got 130,80"),
        ("10,20 30,20 nan,80", "must be 0 to 100 percent"),
        ("10,20 20,20 90,20", "covers nothing"),
        ("10,10 90,90 90,10 10,90", "crosses or touches itself: edge 1 meets edge 3"),
        ("10,10 90,10 90,90 10,10 90,10 90,90", "crosses or touches itself"),
        ("50,0 80,100 0,35 100,35 20,100", "crosses or touches itself"),
        ("\n".join([DOORWAY] * 21), "at most 20"),
    ],
)
def test_what_cannot_be_a_zone_is_refused_with_its_line(text: str, words: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        zones_from_text(text)
    assert words in " ".join(refusal.value.messages)


@pytest.mark.parametrize("value", ["zones", [[1, 2, 3]], [[[0, 0], [1, 1], [True, 0]]], [[[0, 0], [1, 0], ["a", 1]]]])
def test_the_model_refuses_what_no_form_would_send(value: Any) -> None:
    with pytest.raises(ValidationError):
        check_zones(value)


def test_the_smallest_zone_is_more_than_a_line() -> None:
    side = (2 * LEAST_AREA) ** 0.5 * 1.01
    check_zones([[[0, 0], [side, 0], [0, side]]])


def test_every_allowed_zone_is_taken_by_the_masker() -> None:
    zones = zones_from_text(f"{DOORWAY}\n0,0 100,0 100,100 0,100")
    assert create_masker("paca-seg", zones=zones).fingerprint != create_masker("paca-seg").fingerprint


def test_a_corner_clicked_twice_is_no_crossing() -> None:
    check_zones([[[0.1, 0.1], [0.1, 0.1], [0.9, 0.1], [0.9, 0.9], [0.1, 0.9], [0.1, 0.9]]])


@pytest.mark.parametrize(
    "zone",
    [[(0.0, 0.9987), (1.0, 0.9987), (1.0, 1.0), (0.0, 1.0)], [(0.9993, 0.0), (1.0, 0.0), (1.0, 1.0), (0.9993, 1.0)]],
)
def test_a_zone_along_the_last_row_or_column_covers_it(zone: list[tuple[float, float]]) -> None:
    pixels = zone_pixels([tuple(zone)], 360, 640)
    assert pixels[-1].all() or pixels[:, -1].all()


@given(_zone)
def test_whatever_a_page_draws_filled_is_covered(zone: Any) -> None:
    """Browsers fill by the non-zero rule: a point is inside if the outline winds round it at all."""
    height, width = 45, 80
    covered = zone_pixels([tuple(map(tuple, zone))], height, width) > 0
    y, x = np.mgrid[0:height, 0:width] + 0.5
    winding = np.zeros((height, width), int)
    for (x1, y1), (x2, y2) in zip(zone, [*zone[1:], zone[0]], strict=True):
        x1, y1, x2, y2 = x1 * width, y1 * height, x2 * width, y2 * height
        side = (x2 - x1) * (y - y1) - (x - x1) * (y2 - y1)
        winding += ((y1 <= y) & (y2 > y) & (side > 0)).astype(int) - ((y1 > y) & (y2 <= y) & (side < 0)).astype(int)
    assert not ((winding != 0) & ~covered).any()


@pytest.mark.django_db
@pytest.mark.usefixtures("services")
class TestPage:
    @pytest.fixture(autouse=True)
    def _no_second_factor(self, settings: Any) -> None:
        settings.REQUIRE_SECOND_FACTOR = False

    @pytest.fixture
    def site(self) -> Site:
        return make_site()

    @pytest.fixture
    def administrator(self, site: Site) -> User:
        return make_user(Role.ADMINISTRATOR, site)

    @pytest.fixture
    def camera(self, site: Site) -> Camera:
        return make_camera(site)

    def test_zones_and_vehicles_are_saved_and_the_trail_holds_both_states(
        self, administrator: User, camera: Camera
    ) -> None:
        page = reverse("cameras:camera-masking", args=[camera.pk])
        response = client_of(administrator).post(page, SETTINGS | {"vehicle_masking": "whole"})
        assert response.status_code == 302
        camera.refresh_from_db()
        assert camera.masked_zones == [[[0.1, 0.2], [0.3, 0.2], [0.3, 0.805]]]
        changes = json.loads(AuditEntry.objects.get(action="camera.changed").body)["details"]["changes"]
        assert changes["masked_zones"] == [[], camera.masked_zones]
        assert changes["vehicle_masking"] == ["plates", "whole"]

    def test_a_refused_zone_loses_nothing_that_was_typed(self, administrator: User, camera: Camera) -> None:
        page = reverse("cameras:camera-masking", args=[camera.pk])
        response = client_of(administrator).post(page, SETTINGS | {"zones": "1,2 3,4"})
        text = response.content.decode()
        assert response.status_code == 422
        assert "1,2 3,4" in text
        assert "Line 1: zone 1 needs 3 to 40 corners, got 2." in text

    def test_the_picture_for_drawing_has_the_zones_that_are_there_already_covered(
        self, administrator: User, camera: Camera, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        zones = zones_from_text(DOORWAY)
        values = {"masked_zones": zones, "vehicle_masking": "whole", "masking_style": "edge", "exits": zones}
        Camera.objects.filter(pk=camera.pk).update(**values)
        sent: list[Any] = []
        monkeypatch.setattr("celery.current_app.send_task", lambda name, args, **_: sent.append((name, args)))
        client_of(administrator).post(
            reverse("cameras:camera-test"), {"address": "rtsp://10.0.4.20/1", "camera": str(camera.pk)}
        )
        asked = {"zones": zones, "exits": zones, "vehicles": "whole", "style": "edge", "shades": False}
        assert sent[0][1][2:] == [asked]

    def test_doors_and_style_are_saved_with_an_entry_and_a_new_version_and_reach_the_masker(
        self, administrator: User, camera: Camera
    ) -> None:
        page = reverse("cameras:camera-masking", args=[camera.pk])
        door = "80,40 90,40 90,95 80,95"
        given = SETTINGS | {"exits": door, "masking_style": "la3d-blur", "has_shades": "on"}
        assert client_of(administrator).post(page, given).status_code == 302
        camera.refresh_from_db()
        assert (camera.exits, camera.masking_style, camera.version) == (zones_from_text(door), "la3d-blur", 2)
        changes = json.loads(AuditEntry.objects.get(action="camera.changed").body)["details"]["changes"]
        assert changes["exits"] == [[], camera.exits]
        assert changes["masking_style"] == ["silhouette", "la3d-blur"]
        masker = create_masker("paca-seg", **camera.masking)
        assert masker.fingerprint != create_masker("paca-seg", **camera.masking | {"exits": []}).fingerprint
        text = client_of(administrator).get(page).content.decode()
        assert 'value="la3d-blur" checked' in text
        assert "who knows somebody may recognise them" in text
        assert door in text

    def test_a_door_that_crosses_itself_is_refused_at_its_own_field(self, administrator: User, camera: Camera) -> None:
        page = reverse("cameras:camera-masking", args=[camera.pk])
        response = client_of(administrator).post(page, SETTINGS | {"exits": "10,10 90,90 90,10 10,90"})
        assert response.status_code == 422
        assert "door 1 crosses or touches itself" in str(response.context["form"].errors["exits"])
        camera.refresh_from_db()
        assert (camera.masked_zones, camera.exits) == ([], [])
