"""A whole shift by keyboard alone, handed over and taken over; whoever works so always sees where they are."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.desk_in_stack import Hand
from tests.e2e.keyboard import open_number, place, press, sign_in_by_keys, tab_to
from tests.stack import Stack, wait_for
from tests.street_clip import write_street_clip

pytestmark = pytest.mark.e2e
ALERTS = 6
FILM_S = 6.0


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> str:
    path: Path = tmp_path_factory.mktemp("film") / "film.mp4"
    return str(write_street_clip(path, seconds=FILM_S, incident_at_s=2.0))


@pytest.fixture
def _full_desk(hand: Hand, film: str) -> Iterator[None]:
    """Exactly so many alerts wait, each with a clip that plays."""
    hand.ask("emptied")
    for alert in hand.ask("raised", cameras=hand.ask("cameras", count=ALERTS, metres_apart=900)):
        hand.ask("clip_kept", alert=alert, film=film, seconds=FILM_S)
    yield
    hand.ask("emptied")


def state(quiet: Stack, alert: int) -> str:
    return str(quiet.query("SELECT state FROM alerts_alert WHERE id = %s", alert)[0][0])


def becomes(quiet: Stack, alert: int, wanted: str) -> None:
    wait_for(f"alert {alert} to be {wanted}", lambda: state(quiet, alert) == wanted, 10)


def follows(page: Page, alert: int) -> int:
    """Wait until another alert has come to the desk. Returns its number."""
    expect(page.locator(f'[data-open-alert]:not([data-open-alert="{alert}"])')).to_be_visible()
    return open_number(page)


def watch(page: Page) -> None:
    """Play and pause the clip, go through it frame by frame, hide the region and show it again."""
    video = page.locator("[data-video]")
    wait_for("the clip to play", lambda: video.evaluate("film => !film.paused && film.currentTime > 0"), 15)
    page.keyboard.press("Space")
    wait_for("the pause", lambda: video.evaluate("film => film.paused && !film.seeking"), 5)
    before = video.evaluate("film => film.currentTime")
    page.keyboard.press("ArrowRight")
    wait_for("one frame on", lambda: 0.01 < video.evaluate("film => film.currentTime") - before < 0.5, 5)
    page.keyboard.press("ArrowLeft")
    wait_for("one frame back", lambda: abs(video.evaluate("film => film.currentTime") - before) < 0.05, 5)
    region = page.locator("[data-region-toggle]")
    for shown in ("false", "true"):
        page.keyboard.press("r")
        expect(region).to_have_attribute("aria-pressed", shown)
    page.keyboard.press("Space")
    wait_for("playing again", lambda: video.evaluate("film => !film.paused"), 5)


@pytest.mark.usefixtures("_full_desk")
def test_a_whole_shift_by_keyboard(page: Page, quiet: Stack) -> None:
    begin(page, quiet)
    first = walk_the_queue(page)
    watch(page)
    ask_for_help(page, quiet, first)
    dismiss_and_take_back(page, quiet, first)
    second = confirm_and_log(page, quiet, first)
    press(page, "e")
    becomes(quiet, second, "escalated")
    fourth = shelve(page, quiet, follows(page, second))
    tab_to(page, "Put back")  # what is pressed goes away with the alert: the focus must not
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Choose an alert")).to_be_focused()
    held = "SELECT claimed_by_id FROM alerts_alert WHERE id = %s"
    assert quiet.query(held, fourth) == [(None,)]
    dismiss_the_rest(page, quiet, ALERTS - 3)
    hand_over(page, quiet)


def begin(page: Page, quiet: Stack) -> None:
    """Sign in, begin the shift and go to the desk."""
    sign_in_by_keys(page, f"{quiet.url}/account/login/", "operator", quiet.passwords["operator"])
    tab_to(page, "Shift")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Shift", exact=True)).to_be_visible()
    tab_to(page, "Begin my shift")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="End my shift and sign")).to_be_visible()
    tab_to(page, "Alerts")
    page.keyboard.press("Enter")
    expect(page.get_by_text("live", exact=True).first).to_be_visible()


def walk_the_queue(page: Page) -> int:
    """Go down and up the queue and take the first alert. Returns its number."""
    page.keyboard.press("j")
    first_row = place(page)
    page.keyboard.press("j")
    assert place(page)["name"] != first_row["name"]
    page.keyboard.press("k")
    assert place(page)["name"] == first_row["name"]
    page.keyboard.press("Enter")
    expect(page.get_by_text("You have this alert.")).to_be_visible()
    return open_number(page)


def ask_for_help(page: Page, quiet: Stack, alert: int) -> None:
    """Read the keys and go back to the alert, which no key has decided behind the help."""
    press(page, "?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    place(page)
    page.keyboard.press("c")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Keys")).to_be_hidden()
    assert open_number(page) == alert
    assert state(quiet, alert) == "new"


def dismiss_and_take_back(page: Page, quiet: Stack, alert: int) -> None:
    """Open the reasons and close them, dismiss by digit, and undo it."""
    press(page, "d")
    assert place(page)["name"].endswith("Ordinary behaviour")
    page.keyboard.press("Escape")
    assert place(page)["name"].startswith("Dismiss")
    press(page, "d 1")
    becomes(quiet, alert, "dismissed")
    follows(page, alert)
    expect(page.locator("[data-undo]")).to_be_visible()
    press(page, "u")
    becomes(quiet, alert, "new")
    expect(page.locator(f'[data-open-alert="{alert}"]')).to_be_visible()
    assert open_number(page) == alert


def confirm_and_log(page: Page, quiet: Stack, alert: int) -> int:
    """Confirm and log what was done. Returns the number of the alert that comes next."""
    press(page, "c")
    becomes(quiet, alert, "confirmed")
    expect(page.get_by_role("button", name="Log and close")).to_be_visible()
    assert open_number(page) == alert
    press(page, "1 l")
    following = follows(page, alert)
    assert quiet.query("SELECT closed_at IS NOT NULL FROM alerts_alert WHERE id = %s", alert) == [(True,)]
    return following


def shelve(page: Page, quiet: Stack, alert: int) -> int:
    """Shelve with a reason, having stepped back out of it once. Returns the number of the alert that comes next."""
    press(page, "s")
    assert place(page)["tag"] == "input"
    page.keyboard.type("Building work in the yard")
    page.keyboard.press("Escape")
    assert place(page)["name"].startswith("Shelve for a time")
    press(page, "s")
    tab_to(page, "15 min")
    page.keyboard.press("Enter")
    following = follows(page, alert)
    shelved = "SELECT reason FROM alerts_shelf WHERE alert_id = %s"
    assert quiet.query(shelved, alert) == [("Building work in the yard",)]
    return following


def dismiss_the_rest(page: Page, quiet: Stack, count: int) -> None:
    """Dismiss one alert after the other; the focus follows, to the empty desk at last."""
    tab_to(page, "Open the first alert")  # not the escalated one, which an operator cannot decide any more
    page.keyboard.press("Enter")
    for left in range(count, 0, -1):
        expect(page.get_by_text("You have this alert.")).to_be_visible()
        alert = int(page.locator("[data-open-alert]").get_attribute("data-open-alert") or 0)
        press(page, "d 2")
        becomes(quiet, alert, "dismissed")
        if left > 1:
            follows(page, alert)
    expect(page.get_by_role("heading", name="Choose an alert")).to_be_focused()  # the escalated one, to be read


def hand_over(page: Page, quiet: Stack) -> None:
    """End the shift and sign the sheet; a supervisor signs in at the same desk, reads it and takes over."""
    tab_to(page, "Shift")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Shift", exact=True)).to_be_visible()
    while page.evaluate("document.activeElement.id") != "shift-notes":
        page.keyboard.press("Tab")
    place(page)
    page.keyboard.type("The gate at the yard is open.")
    tab_to(page, "End my shift and sign")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    ended = "SELECT id FROM alerts_shift WHERE ended_at IS NOT NULL AND notes LIKE %s ORDER BY id DESC"
    shift = wait_for("the sheet", lambda: quiet.query(ended, "The gate%"), 10)[0][0]
    tab_to(page, "Sign out")
    page.keyboard.press("Enter")
    page.wait_for_url("**/account/**", wait_until="load")
    sign_in_by_keys(page, f"{quiet.url}/account/login/", "supervisor", quiet.passwords["supervisor"])
    tab_to(page, "Shift")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Open the sheet").first).to_be_visible()
    tab_to(page, "Open the sheet")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Signatures")).to_be_visible()
    tab_to(page, "I have read it and take over")
    page.keyboard.press("Enter")
    signed = "SELECT 1 FROM alerts_shift WHERE id = %s AND accepted_by_id IS NOT NULL"
    wait_for("both signatures", lambda: quiet.query(signed, shift), 10)
