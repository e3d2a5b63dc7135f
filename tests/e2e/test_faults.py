"""What an operator notices when a process dies: next to nothing."""

import os
import signal

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import sign_in
from tests.e2e.kill_each import alerts, is_whole, kill_now
from tests.stack import Stack, wait_for

pytestmark = pytest.mark.e2e


def holder(stack: Stack) -> int:
    """Return the process id of the worker that runs the camera."""
    owner = stack.query("SELECT owner FROM inference_streamstate")[0][0]
    return int(owner.rpartition(":")[2])


def test_another_worker_takes_the_camera_of_a_killed_one(stack: Stack) -> None:
    wait_for("a live camera", lambda: is_whole(stack), 60)
    victim = holder(stack)
    fence = stack.query("SELECT fence FROM inference_streamstate")[0][0]
    os.kill(victim, signal.SIGKILL)
    wait_for("another holder", lambda: holder(stack) != victim, 15, 0.05)  # on a busy machine; 5 s: e2e.workers
    assert stack.query("SELECT fence FROM inference_streamstate")[0][0] > fence
    wait_for("a live camera again", lambda: is_whole(stack), 30)


def test_a_restart_of_valkey_loses_no_alert_and_the_push_resumes(page: Page, stack: Stack) -> None:
    wait_for("a live camera", lambda: is_whole(stack), 60)
    sign_in(page, stack, "operator")
    expect(page.get_by_role("heading", name="Queue")).to_be_visible()
    page.evaluate("window.notReloaded = true")
    before, _ = alerts(stack)
    kill_now(stack, "valkey")
    wait_for("a whole system", lambda: is_whole(stack), 30)
    wait_for("the next alert", lambda: alerts(stack)[0] > before, 120)
    newest = stack.query("SELECT max(id) FROM alerts_alert")[0][0]
    expect(page.locator(f"#alert-{newest}")).to_be_visible(timeout=25_000)
    assert page.evaluate("window.notReloaded") is True
    assert alerts(stack)[1] == 0


def test_a_killed_web_process_is_back_and_the_page_catches_up_by_itself(page: Page, stack: Stack) -> None:
    sign_in(page, stack, "operator")
    kill_now(stack, "web")
    expect(page.get_by_text("offline since", exact=False).first).to_be_visible(timeout=10_000)
    expect(page.get_by_text("live", exact=True).first).to_be_visible(timeout=30_000)


def test_an_administrator_tries_a_wrong_address_and_then_a_right_one(page: Page, stack: Stack) -> None:
    sign_in(page, stack, "administrator")
    page.goto(f"{stack.url}/cameras/add")
    address = page.locator("[name=address]")
    for given, words in (("rtsp://127.0.0.1:9/nothing", "127.0.0.1"), (str(stack.camera), "masked")):
        address.fill(given)
        page.get_by_role("button", name="Test the address").click()
        expect(page.locator("#trial")).to_contain_text(words, timeout=40_000)
    picture = page.locator("#trial img")
    expect(picture).to_be_visible()
    assert (picture.get_attribute("src") or "").startswith("data:image/jpeg;base64,")
