"""Queue and wall in two windows of one person: each follows the other, and works when the other is closed."""

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.conftest import sign_in
from tests.stack import Stack, wait_for

pytestmark = pytest.mark.e2e


def test_two_windows_follow_each_other_and_go_on_alone(browser: Browser, stack: Stack) -> None:
    wait_for("an alert", lambda: stack.query("SELECT id FROM alerts_alert WHERE state = 'new' LIMIT 1"), 90)
    alert, camera = stack.query("SELECT id, camera_id FROM alerts_alert WHERE state = 'new' ORDER BY id DESC LIMIT 1")[
        0
    ]
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    queue = context.new_page()
    sign_in(queue, stack, "operator")
    queue.goto(f"{stack.url}/alerts/")
    expect(queue.locator("[data-desk-state]")).to_have_text("One window")
    with context.expect_page() as opened:
        queue.get_by_role("link", name="Wall in a second window").click()
    wall = opened.value
    for window, partner in ((queue, "wall"), (wall, "queue")):
        expect(window.locator("[data-desk-state]")).to_have_text(f"Linked to the {partner} window")
    queue.locator(f"#alert-{alert} .row__link").click()
    expect(wall.locator("[data-wall-followed]")).to_contain_text("Follows the queue")
    expect(wall.locator("[data-wall-grid]")).to_have_attribute("data-size", "1")
    expect(wall.locator(f"[data-tile][data-camera='{camera}']")).to_be_visible()
    wall.keyboard.press("Escape")
    expect(wall.locator("[data-wall-all]")).to_be_hidden()
    queue.goto(f"{stack.url}/alerts/")
    wall.locator(f"[data-tile][data-camera='{camera}'] [data-tile-alert]").click()
    expect(queue).to_have_url(re.compile(r"/alerts/\d+/$"))
    assert wall.url.endswith("/cameras/wall/")
    queue.close()
    expect(wall.locator("[data-desk-state]")).to_have_text("The queue window is closed")
    wall.locator(f"[data-tile][data-camera='{camera}'] [data-tile-alert]").click()
    expect(wall).to_have_url(re.compile(r"/alerts/\d+/$"))
    context.close()
