"""In a real browser nothing tells a test alert from another until it is decided; then it says at once what it was."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import sign_in
from tests.e2e.desk_in_stack import Hand
from tests.e2e.keyboard import press
from tests.stack import Stack, wait_for
from tests.street_clip import write_street_clip

pytestmark = pytest.mark.e2e
FILM_S = 9.0
CLIP_WITHIN_S = 40
"""A test alert's clip comes when a clip would be made: 9 s after the event's end, by a clock of 2 s."""
TELLING = re.compile(r"seed|test[- ]?alert|known|vigilan|training|drill|simulat", re.IGNORECASE)
OWN = re.compile(
    r'(?<=view=)[^"&]+|(?<=csrfmiddlewaretoken" value=")[^"]+|(?<=name="view" value=")[^"]+|\b[0-9a-f]{12,}\b|\d+'
)
"""What differs between any two alerts: numbers, tokens of an opening."""
OF_THE_MOMENT = ("time", "section.last", "[data-claim-now]", "output", "[data-watched]", "[data-curve-cursor]")
"""What differs between two moments of one alert: clocks, its camera's earlier alerts, the player's place."""
PARTS = """([selector, moments]) => {
  const part = document.querySelector(selector).cloneNode(true);
  for (const one of part.querySelectorAll(moments)) one.replaceWith("");
  return part.outerHTML;
}"""


@pytest.fixture
def film(tmp_path: Path) -> str:
    return str(write_street_clip(tmp_path / "film.mp4", seconds=FILM_S, incident_at_s=3.0))


@pytest.fixture
def pair(hand: Hand, quiet: Stack, film: str) -> Iterator[dict[str, int]]:
    """A test alert and a real one of the same camera and kind, both with their clip."""
    hand.ask("emptied")
    camera = hand.ask("cameras", count=1, metres_apart=0)[0]
    source = hand.ask("raised", cameras=[camera])[0]
    hand.ask("decided", alert=source, username="supervisor")
    hand.ask("clip_kept", alert=source, film=film, seconds=FILM_S)
    test = hand.ask("seeded", source=source)
    real = hand.ask("raised", cameras=[camera])[0]
    hand.ask("clip_kept", alert=real, film=film, seconds=FILM_S)
    ready = "SELECT 1 FROM alerts_alert WHERE id = %s AND clip_state = 'ready'"
    wait_for("the test alert's clip", lambda: quiet.query(ready, test), CLIP_WITHIN_S)
    yield {"source": source, "test": test, "real": real}
    hand.ask("emptied")


def shape(page: Page, selector: str) -> str:
    """Return a part's markup without what differs between any two alerts."""
    html = page.evaluate(PARTS, [selector, ", ".join(OF_THE_MOMENT)])
    return re.sub(r"\s+", " ", OWN.sub("#", html))


def headers(page: Page, alert: int, stack: Stack) -> dict[str, str]:
    """Return what the answer with an alert's clip says about it, but for its tag, which differs for each."""
    answer = page.request.get(f"{stack.url}/alerts/{alert}/clip.mp4", headers={"Range": "bytes=0-99"})
    assert answer.status == 206
    return {name: value for name, value in answer.headers.items() if name not in {"etag", "date"}}


def test_a_test_alert_looks_like_any_other_until_it_is_decided(page: Page, quiet: Stack, pair: dict[str, int]) -> None:
    sign_in(page, quiet, "operator")
    page.goto(f"{quiet.url}/alerts/")
    rows = {kind: shape(page, f"#alert-{pair[kind]}") for kind in ("real", "test")}
    assert rows["test"] == rows["real"]
    articles = {}
    for kind in ("real", "test"):
        page.goto(f"{quiet.url}/alerts/{pair[kind]}/")
        expect(page.get_by_text("You have this alert.")).to_be_visible()
        page.wait_for_function("document.querySelector('[data-video]').readyState > 1")
        articles[kind] = shape(page, "#alert")
        assert not TELLING.search(page.evaluate("document.querySelector('#alert').outerHTML")), kind
        address = page.locator("[data-video]").get_attribute("src") or ""
        assert address.startswith(f"/alerts/{pair[kind]}/clip.mp4")  # not its source's
    assert articles["test"] == articles["real"]
    of_real, of_test = (headers(page, pair[kind], quiet) for kind in ("real", "test"))
    assert of_test == of_real

    press(page, "d 1")
    revealed = page.get_by_role("heading", name="This was a test alert")
    expect(revealed).to_be_visible(timeout=5000)
    expect(page.locator("#alert")).to_contain_text("Nothing was there that needed anybody.")
    expect(page.locator("[data-undo]")).to_have_count(0)  # the answer is known: nothing to take back
    assert quiet.query("SELECT count(*) FROM alerts_decision WHERE alert_id = %s", pair["test"]) == [(0,)]

    page.goto(f"{quiet.url}/alerts/{pair['real']}/")
    expect(page.get_by_text("You have this alert.")).to_be_visible()
    press(page, "d 1")
    expect(page.get_by_role("heading", name="All quiet")).to_be_visible()
    expect(revealed).to_have_count(0)
    assert quiet.query("SELECT count(*) FROM alerts_decision WHERE alert_id = %s", pair["real"]) == [(1,)]
