"""Somebody who has never seen PACA: from the sign-in page to a decided alert by what the pages say, in a minute."""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import sign_in
from tests.e2e.desk_in_stack import Hand
from tests.e2e.keyboard import press
from tests.stack import Stack, wait_for
from tests.street_clip import write_street_clip

pytestmark = pytest.mark.e2e
WITHIN_S = 60
MOST_INPUTS = 6
FILM_S = 9.0


@pytest.fixture
def waiting(hand: Hand, tmp_path: Path) -> Iterator[int]:
    """One alert on an empty desk, with its clip. Returns its number."""
    hand.ask("emptied")
    alert: int = hand.ask("raised", cameras=hand.ask("cameras", count=1, metres_apart=0))[0]
    film = write_street_clip(tmp_path / "film.mp4", seconds=FILM_S, incident_at_s=3.0)
    hand.ask("clip_kept", alert=alert, film=str(film), seconds=FILM_S)
    yield alert
    hand.ask("emptied")


def key_on(control: Locator) -> str:
    """Return the key that a control shows, as the person in front of it reads it."""
    return control.locator(".key").inner_text().strip().lower()


def test_from_sign_in_to_a_decision_by_what_the_pages_say(page: Page, quiet: Stack, waiting: int) -> None:
    began_s, inputs = time.monotonic(), 0
    page.goto(quiet.url)  # the address alone, as somebody was told it
    expect(page.get_by_label("Username")).to_be_focused()
    page.keyboard.type("operator")
    page.keyboard.press("Tab")
    page.keyboard.type(quiet.passwords["operator"])
    page.keyboard.press("Enter")
    inputs += 3  # name, password, Enter

    welcome = page.locator("#alert")
    expect(welcome.get_by_role("heading", name="Choose an alert")).to_be_visible()
    expect(welcome).to_contain_text("masked clip")
    first = welcome.get_by_role("link", name="Open the first alert")
    expect(first).to_be_focused()
    page.keyboard.press("Enter")
    inputs += 1

    expect(page.get_by_text("You have this alert.")).to_be_visible()
    video = page.locator("[data-video]")
    wait_for("the clip to play by itself", lambda: video.evaluate("film => film.currentTime > 0.5"), 15)
    teaches = page.locator("[data-decide] [data-hint]")
    expect(teaches).to_be_visible()
    for word in ("Confirm", "Dismiss", "Escalate"):
        expect(teaches).to_contain_text(word)
        expect(page.locator("#decision").get_by_text(re.compile(f"^{word} ")).first).to_be_in_viewport()
    press(page, key_on(page.locator("[data-dismiss] > summary")))
    reason = page.locator("[data-reason]").filter(has_text="Ordinary behaviour")
    expect(reason).to_be_in_viewport()
    press(page, key_on(reason))
    inputs += 2

    decided = "SELECT verdict, reason FROM alerts_decision WHERE alert_id = %s"
    found = wait_for("the decision", lambda: quiet.query(decided, waiting), 10)
    took_s = time.monotonic() - began_s
    assert found == [("dismiss", "ordinary")]
    assert inputs <= MOST_INPUTS
    assert took_s <= WITHIN_S
    expect(page.get_by_role("heading", name="All quiet")).to_be_visible()  # and what now: it says so
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    expect(page.get_by_text("Nothing else is waiting", exact=False)).to_be_visible()


def test_an_alert_that_comes_to_an_empty_desk_is_offered_there(page: Page, quiet: Stack, hand: Hand) -> None:
    hand.ask("emptied")
    sign_in(page, quiet, "operator")
    expect(page.get_by_role("heading", name="All quiet")).to_be_visible()
    expect(page.get_by_text("live", exact=True).first).to_be_visible()
    alert = hand.ask("raised", cameras=hand.ask("cameras", count=1, metres_apart=0))[0]
    expect(page.get_by_role("heading", name="Choose an alert")).to_be_visible(timeout=5000)  # by push
    expect(page.get_by_role("heading", name="All quiet")).to_be_hidden()
    page.get_by_role("link", name="Open the first alert").click()
    page.wait_for_url(f"**/alerts/{alert}/")
    hand.ask("emptied")
