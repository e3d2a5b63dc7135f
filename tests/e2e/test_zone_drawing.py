"""The page on which zones and doors are drawn, in a real browser; no server: its files are handed over as they are."""

import mimetypes
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.storage.cookie import CookieStorage
from django.template.loader import render_to_string
from django.test import RequestFactory
from playwright.sync_api import Page, Route, expect

from cameras.forms import MaskingForm
from cameras.models import Camera

SITE = "http://paca.test"
HANDED_OVER = Path(settings.BASE_DIR) / "static"
ZONE = "10,20 30,20 30,80.5"


@pytest.fixture
def sent() -> list[str]:
    """Give the bodies of forms that the browser sent."""
    return []


@pytest.fixture
def drawing(page: Page, sent: list[str]) -> Page:
    camera = Camera(pk=1, name="Kvadraturen 2", address="rtsp://10.0.4.20/1", masked_zones=[], exits=[])
    request: Any = RequestFactory().get("/cameras/1/masking")
    request.user = AnonymousUser()
    request._messages = CookieStorage(request)
    context = {"camera": camera, "form": MaskingForm(instance=camera)}
    html = render_to_string("cameras/camera_masking.html", context, request=request)

    def answer(route: Route) -> None:
        path = route.request.url.removeprefix(SITE)
        if route.request.method == "POST":
            sent.append(route.request.post_data or "")
        if (
            path.startswith("/static/")
            and (file := HANDED_OVER / path.removeprefix("/static/").split("?")[0]).is_file()
        ):
            route.fulfill(body=file.read_bytes(), content_type=mimetypes.guess_type(file.name)[0] or "text/plain")
        else:
            route.fulfill(body=html, content_type="text/html")

    page.route(f"{SITE}/**", answer)
    page.goto(f"{SITE}/cameras/1/masking")
    expect(page.locator("[data-zones-stage]")).to_be_visible()
    return page


def click(page: Page, *corners: tuple[int, int]) -> None:
    """Click corners, in percent of the picture."""
    stage = page.locator("[data-zones-stage]")
    stage.scroll_into_view_if_needed()
    box = stage.bounding_box()
    assert box is not None
    for x, y in corners:
        page.mouse.click(box["x"] + box["width"] * x / 100, box["y"] + box["height"] * y / 100)


def test_a_draft_of_three_corners_is_closed_by_saving(drawing: Page, sent: list[str]) -> None:
    click(drawing, (20, 20), (60, 20), (60, 70))
    drawing.get_by_role("button", name="Save").click()
    expect(drawing.locator("[data-zones-stage]")).to_be_visible()
    assert len(sent) == 1
    zones = sent[0].split("&zones=")[1].split("&")[0] if "&zones=" in sent[0] else sent[0]
    assert zones.count("%2C") == 3


def test_a_draft_of_two_corners_stops_the_form_with_a_word(drawing: Page, sent: list[str]) -> None:
    click(drawing, (20, 20), (60, 20))
    drawing.get_by_role("button", name="Save").click()
    expect(drawing.get_by_role("status").filter(has_text="fewer than three corners")).to_be_visible()
    assert sent == []
    drawing.locator("[data-zones-stage]").press("Escape")
    drawing.get_by_role("button", name="Save").click()
    drawing.wait_for_load_state()
    assert len(sent) == 1


def test_a_door_is_written_into_its_own_field_and_deleted_from_it(drawing: Page) -> None:
    drawing.locator("#id_zones").fill(ZONE)
    drawing.get_by_label("Draw").select_option("door")
    click(drawing, (70, 30), (90, 30), (90, 90), (70, 90))
    drawing.get_by_role("button", name="Close the shape").click()
    doors = drawing.locator("#id_exits")
    assert len(doors.input_value().split()) == 4
    expect(drawing.locator("#id_zones")).to_have_value(ZONE)
    expect(drawing.locator('polygon[data-kind="door"]')).to_have_count(1)
    drawing.get_by_role("button", name="Delete Door 1").click()
    expect(doors).to_have_value("")
    expect(drawing.locator("#id_zones")).to_have_value(ZONE)


def test_the_keyboard_alone_draws_a_zone(drawing: Page) -> None:
    stage = drawing.locator("[data-zones-stage]")
    for keys in (" ", "Shift+ArrowRight", "Shift+ArrowRight", " ", "Shift+ArrowDown", "Shift+ArrowDown", " ", "Enter"):
        stage.press("Space" if keys == " " else keys)
    expect(drawing.locator("#id_zones")).to_have_value("50,50 60,50 60,60")
