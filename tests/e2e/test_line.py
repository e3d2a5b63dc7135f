"""The whole line with real parts: from an RTSP camera to a decision, its list and its trail."""

import json
import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import sign_in
from tests.stack import Stack, wait_for

pytestmark = pytest.mark.e2e


def wait_for_pushed_alert(page: Page) -> int:
    """Return the id of an alert that came over the socket, while the page was never loaded anew."""
    pushed: list[int] = []

    def heard(text: str | bytes) -> None:
        message = json.loads(text) if isinstance(text, str) else {}
        if message.get("type") == "alert.changed" and message.get("is_new"):
            pushed.append(int(message["alert"]))

    page.on("websocket", lambda socket: socket.on("framereceived", heard))
    page.reload()
    expect(page.get_by_text("live", exact=True).first).to_be_visible()
    page.evaluate("window.notReloaded = true")

    def one() -> int | None:
        page.wait_for_timeout(200)
        return pushed[0] if pushed else None

    alert = wait_for("an alert by push", one, 90)
    assert page.evaluate("window.notReloaded") is True
    return alert


def test_an_operator_confirms_a_pushed_alert_with_one_key_and_everybody_sees_it(
    browser: Browser, page: Page, stack: Stack
) -> None:
    sign_in(page, stack, "operator")
    alert = wait_for_pushed_alert(page)
    row = page.locator(f"#alert-{alert}")
    expect(row).to_be_visible()

    row.locator("a.row__link").click()
    expect(page.locator(f"[data-open-alert='{alert}']")).to_be_visible()
    video = page.locator("video[data-video]")
    expect(video).to_be_visible(timeout=40_000)  # the clip appears by itself
    page.wait_for_function("() => document.querySelector('video[data-video]')?.currentTime > 0.5", timeout=20_000)
    assert page.evaluate("document.querySelector('video[data-video]').videoWidth") == 640
    corners = page.locator("[data-region] polygon").get_attribute("points") or ""
    assert len(re.findall(r"[\d.]+[ ,][\d.]+", corners)) >= 3
    box = page.locator("[data-region] polygon").bounding_box()
    assert box is not None
    assert box["width"] > 5
    assert box["height"] > 5

    page.wait_for_timeout(1500)  # a person watches for a moment
    page.locator("body").press("c")
    expect(page.get_by_text("Confirmed", exact=False).first).to_be_visible()
    wait_for("the decision", lambda: stack.query("SELECT 1 FROM alerts_decision WHERE alert_id = %s", alert), 10)

    for name, path, words in (
        ("supervisor", "/alerts/decisions/", "Confirmed"),
        ("auditor", "/audit/", "alert.confirmed"),
    ):
        context = browser.new_context()
        other = context.new_page()
        sign_in(other, stack, name)
        other.goto(stack.url + path)
        expect(other.locator("tbody").get_by_text(words).first).to_be_visible()
        context.close()
    state, watched = stack.query(
        "SELECT a.state, d.watched_s FROM alerts_alert a JOIN alerts_decision d ON d.alert_id = a.id WHERE a.id = %s",
        alert,
    )[0]
    assert state == "confirmed"
    assert watched > 0


def test_the_wall_shows_the_camera_live_and_masked(page: Page, stack: Stack) -> None:
    sign_in(page, stack, "operator")
    page.goto(f"{stack.url}/cameras/wall/")
    wait_for_a_picture(page)
    assert stack.query("SELECT 1 FROM audit_auditentry WHERE action = 'wall.opened'")


def test_saving_data_shows_the_same_camera_with_a_fraction_of_the_bytes(page: Page, stack: Stack) -> None:
    received: list[int] = []

    def heard(frame: str | bytes) -> None:
        if isinstance(frame, bytes):
            received.append(len(frame))

    page.on("websocket", lambda socket: socket.on("framereceived", heard))
    sign_in(page, stack, "operator")
    page.goto(f"{stack.url}/cameras/wall/")
    wait_for_a_picture(page)
    page.wait_for_timeout(6000)
    pictures = sorted(received)[len(received) // 2]

    page.get_by_role("button", name="Save data").click()
    expect(page.get_by_role("button", name="Save data")).to_have_attribute("aria-pressed", "true")
    page.reload()  # remembered on this machine
    received.clear()
    wait_for_a_picture(page)
    expect(page.locator("[data-tile-status]").first).to_have_text("Live")
    page.wait_for_timeout(6000)
    film = sorted(received)[len(received) // 2]
    assert len(received) > 10
    assert film < pictures / 3, f"{film} bytes a frame as film, {pictures} as pictures"
    expect(page.locator("[data-tile-status]").first).to_have_text("Live")


def test_beside_an_alert_stands_the_live_view_of_its_camera_while_it_is_open(page: Page, stack: Stack) -> None:
    live: list[str] = []
    page.on("websocket", lambda socket: live.append(socket.url) if "/ws/live/" in socket.url else None)
    sign_in(page, stack, "operator")
    ((alert,),) = stack.query("SELECT max(id) FROM alerts_alert")
    page.goto(f"{stack.url}/alerts/{alert}/")
    expect(page.locator("[data-connection]").first).to_have_text("live")
    assert not live, "nothing is asked for before somebody opens it"
    fold = page.get_by_text("Live now: this camera and its neighbours")
    fold.click()
    wait_for_a_picture(page)
    expect(page.locator(".live-now [data-tile-status]").first).to_have_text("Live")
    assert len(live) == 1
    fold.click()
    expect(page.locator("[data-connection]").first).to_have_text("live")
    fold.click()
    wait_for_a_picture(page)
    assert len(live) == 2


def wait_for_a_picture(page: Page) -> None:
    """Wait until the first tile shows something with structure."""
    expect(page.locator("canvas").first).to_be_visible()
    page.wait_for_function(
        """() => {
            const canvas = document.querySelector("canvas");
            if (!canvas || !canvas.width) return false;
            const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
            const seen = new Set();
            for (let at = 0; at < pixels.length; at += 4001) seen.add(pixels[at - (at % 4)]);
            return seen.size > 20;
        }""",
        timeout=30_000,
    )


def test_the_second_of_two_operators_is_told_who_was_first(browser: Browser, page: Page, stack: Stack) -> None:
    sign_in(page, stack, "operator")
    found = wait_for(
        "an open alert",
        lambda: stack.query("SELECT id FROM alerts_alert WHERE state = 'new' ORDER BY id DESC LIMIT 1"),
        120,
    )
    alert = found[0][0]
    page.goto(f"{stack.url}/alerts/{alert}/")
    context = browser.new_context()
    other = context.new_page()
    sign_in(other, stack, "supervisor")
    other.goto(f"{stack.url}/alerts/{alert}/")
    page.evaluate("window.dispatchEvent(new Event('offline'))")
    other.locator("body").press("t")  # the operator has it; whoever takes it over does so knowingly
    expect(other.get_by_text("You have this alert")).to_be_visible()
    other.wait_for_timeout(500)
    other.locator("body").press("c")
    expect(other.get_by_text("Confirmed", exact=False).first).to_be_visible()
    context.close()
    response = page.request.post(
        f"{stack.url}/alerts/{alert}/decide",
        form={
            "verdict": "dismiss",
            "reason": "ordinary",
            "note": "they were dancing",
            "csrfmiddlewaretoken": page.locator("[name=csrfmiddlewaretoken]").first.get_attribute("value") or "",
        },
        headers={"Referer": stack.url},
    )
    text = response.text()
    assert "supervisor was first" in text
    assert "they were dancing" in text
    assert stack.query("SELECT count(*) FROM alerts_decision WHERE alert_id = %s", alert) == [(1,)]
