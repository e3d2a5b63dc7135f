"""Real processes and a real browser. Without Chromium these tests skip, and say so."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.e2e.desk_in_stack import Hand
from tests.e2e.house_in_stack import HouseInStack, house_into
from tests.rtsp_server import rtsp_server
from tests.stack import Stack, running_stack
from tests.street_clip import write_street_clip

CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
)
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
]


@pytest.fixture(scope="session")
def street_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_street_clip(tmp_path_factory.mktemp("clip") / "street.mp4")


@pytest.fixture(scope="session")
def stack(street_clip: Path) -> Iterator[Stack]:
    """The whole product, watching an RTSP camera that plays the street clip round and round."""
    calm = {"PACA_FLOOD_ALERTS": "1000"}  # alerts of the clip gather while other tests run; a flood folds the queue
    with rtsp_server(street_clip) as address, running_stack(camera=address, **calm) as running:
        yield running


@pytest.fixture(scope="session")
def quiet() -> Iterator[Stack]:
    """The whole product without a camera that runs: what its desk shows is only what a test raises (`hand`)."""
    with running_stack(PACA_STREAM_WORKERS="1") as running:
        yield running


@pytest.fixture(scope="session")
def hand(quiet: Stack) -> Iterator[Hand]:
    """Raises and decides alerts in the quiet installation."""
    hand = Hand(quiet)
    yield hand
    hand.close()


@pytest.fixture(scope="session")
def house() -> Iterator[HouseInStack]:
    """The whole product with the cast and its house in it; an installation of its own, as its cameras never run."""
    with running_stack(PACA_STREAM_WORKERS="1") as running:
        yield house_into(running)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium per module: Playwright's event loop must be gone before tests that use Django's database."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine (apt-get install chromium)")
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    page = context.new_page()
    yield page
    context.close()


def sign_in(page: Page, stack: Stack, name: str, password: str = "") -> None:
    page.goto(f"{stack.url}/account/login/")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(password or stack.passwords[name])
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/account/login" not in url)
