"""The whole way in the browser: a changed threshold, stale answers, no start, signed again, runs."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.conftest import sign_in
from tests.stack import Stack, running_stack, wait_for

pytestmark = pytest.mark.e2e
CAMERA = "Sykkelgata (demo, recorded, to and fro)"


@pytest.fixture(scope="module")
def demo() -> Iterator[Stack]:
    with running_stack(is_demo=True, PACA_STREAM_WORKERS="1") as running:
        yield running


def page_of(browser: Browser, stack: Stack, name: str) -> Page:
    page = browser.new_context(viewport={"width": 1366, "height": 768}, java_script_enabled=False).new_page()
    sign_in(page, stack, name)
    return page


def answer_stale_ones(page: Page, url: str, title: str) -> int:
    """Answer anew what is stale in a questionnaire and submit it. Returns how many answers that were."""
    page.goto(f"{url}/assessments/")
    page.get_by_role("button", name=f"Answer again {title}").click()
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390, "the form can be filled in on a phone"
    page.set_viewport_size({"width": 1366, "height": 768})
    boxes = page.get_by_label("Still true with the change")
    count = boxes.count()
    for box in boxes.all():
        box.check()
    page.get_by_role("button", name="Save and read it through").click()
    page.get_by_role("button", name="Submit for signature").click()
    assert page.get_by_text("Submitted. It holds once a supervisor has signed it.").is_visible()
    return count


def sign_next(page: Page, url: str) -> None:
    page.goto(f"{url}/assessments/")
    page.get_by_role("link", name="waits for a signature").first.click()
    page.get_by_label("I have read all answers.").check()
    page.get_by_role("button", name="Sign", exact=True).click()
    assert page.get_by_text("Signed. It is in force from now on.").is_visible()


def test_a_changed_threshold_keeps_a_camera_from_starting_until_the_assessment_is_signed_again(
    demo: Stack, browser: Browser
) -> None:
    ((camera_id,),) = demo.query("SELECT id FROM cameras_camera WHERE name = %s", CAMERA)
    status = "SELECT 1 FROM inference_streamstate WHERE camera_id = %s AND status = 'live'"
    wait_for("the camera runs, as its site is assessed", lambda: demo.query(status, camera_id), 90)
    administrator, supervisor = (page_of(browser, demo, name) for name in ("administrator", "supervisor"))

    administrator.goto(f"{demo.url}/cameras/{camera_id}/change")
    administrator.get_by_label("alert threshold", exact=False).fill("30")
    administrator.get_by_role("button", name="Save", exact=False).first.click()
    administrator.goto(f"{demo.url}/assessments/")
    assert administrator.get_by_text("answers stale").count() == 2
    assert administrator.get_by_text("Grace until").count() == 2

    administrator.goto(f"{demo.url}/cameras/{camera_id}/")
    assert administrator.get_by_text("Will stop").is_visible()
    administrator.locator("summary", has_text="Stop").click()
    administrator.get_by_role("button", name="Stop", exact=False).click()
    administrator.get_by_role("button", name="Start").click()
    assert administrator.get_by_text(f"{CAMERA} was not started.").is_visible()
    ((is_enabled,),) = demo.query("SELECT is_enabled FROM cameras_camera WHERE id = %s", camera_id)
    assert not is_enabled

    for title, count in (("Responsible use", 4), ("Fundamental rights and data protection", 3)):
        assert answer_stale_ones(administrator, demo.url, title) == count, "exactly those about thresholds"
        sign_next(supervisor, demo.url)
    administrator.goto(f"{demo.url}/cameras/{camera_id}/")
    administrator.get_by_role("button", name="Start").click()
    assert administrator.get_by_text(f"{CAMERA} starts now.").is_visible()
    wait_for("the camera runs again", lambda: demo.query(status, camera_id), 60)
