"""The header on a phone: two lines at most, and everything it holds within one press, with scripts or without."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import sign_in
from tests.stack import Stack

pytestmark = pytest.mark.e2e
LINE_PX = 46
"""`--header-height` and a border. The words of the state may take a line of their own, which is lower."""
LONGEST_STATE = {"en": "offline since 23:59:59", "nb": "frakoblet siden 23:59:59"}


@contextmanager
def phone(browser: Browser, stack: Stack, name: str, *, has_scripts: bool = True) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=has_scripts)
    page = context.new_page()
    sign_in(page, stack, name)
    yield page
    context.close()


def height(page: Page) -> float:
    box = page.locator("header.header").bounding_box()
    assert box is not None
    return box["height"]


@pytest.mark.parametrize("name", ["operator", "supervisor"])
def test_header_takes_two_lines_at_most_in_both_languages(browser: Browser, quiet: Stack, name: str) -> None:
    with phone(browser, quiet, name) as page:
        for language, other in (("en", "nb"), ("nb", "en")):
            page.goto(f"{quiet.url}/alerts/shift/")
            assert page.locator("html").get_attribute("lang") == language
            assert height(page) <= LINE_PX
            page.locator("[data-connection]").evaluate(
                "(slot, words) => { slot.hidden = false; slot.dataset.state = 'offline'; slot.textContent = words; }",
                LONGEST_STATE[language],
            )
            assert height(page) <= 2 * LINE_PX
            assert page.evaluate("document.documentElement.scrollWidth") <= 390
            page.locator(".header__fold").click()
            page.locator(f"button[name=language][value={other}]").click()
            page.wait_for_load_state()


def test_menu_opens_by_key_and_closes_by_escape(browser: Browser, quiet: Stack) -> None:
    with phone(browser, quiet, "supervisor") as page:
        menu = page.get_by_role("button", name="Menu")
        expect(page.get_by_role("link", name="Shift")).to_be_hidden()
        menu.focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("link", name="Shift")).to_be_visible()
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Alerts"
        page.keyboard.press("Escape")
        expect(page.get_by_role("link", name="Shift")).to_be_hidden()
        expect(menu).to_be_focused()


def test_axe_finds_nothing_in_the_open_menu(browser: Browser, quiet: Stack) -> None:
    with phone(browser, quiet, "supervisor") as page:
        for theme in ("dark", "light"):
            page.evaluate("theme => localStorage.setItem('paca.theme', theme)", theme)
            page.goto(f"{quiet.url}/alerts/shift/")
            page.get_by_role("button", name="Menu").click()
            page.get_by_text("Oversight", exact=True).click()
            expect(page.get_by_role("link", name="Technical file")).to_be_visible()
            found = Axe().run(page).response["violations"]
            assert not found, [(one["id"], one["nodes"][0]["target"]) for one in found]


def test_menu_needs_no_script(browser: Browser, quiet: Stack) -> None:
    with phone(browser, quiet, "supervisor", has_scripts=False) as page:
        page.get_by_role("button", name="Menu").click()
        page.get_by_text("Custody", exact=True).click()
        expect(page.get_by_role("link", name="Holds")).to_be_visible()
        page.get_by_role("link", name="Shift").click()
        expect(page.get_by_role("heading", name="Shift", exact=True)).to_be_visible()


def test_a_supervisors_header_stays_one_line_on_a_small_desk_that_lost_its_connection(page: Page, quiet: Stack) -> None:
    sign_in(page, quiet, "supervisor")
    for width in (1366, 1500, 1920):
        page.set_viewport_size({"width": width, "height": 768})
        for words in LONGEST_STATE.values():
            page.locator("[data-connection]").evaluate(
                "(slot, words) => { slot.hidden = false; slot.dataset.state = 'offline'; slot.textContent = words; }",
                words,
            )
            assert height(page) <= LINE_PX, f"{width} px, {words}"


def test_on_a_desk_everything_stands_in_one_line_without_a_menu(page: Page, quiet: Stack) -> None:
    sign_in(page, quiet, "supervisor")
    expect(page.get_by_role("link", name="Shift")).to_be_visible()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    expect(page.get_by_role("button", name="Menu")).to_be_hidden()
    assert height(page) <= LINE_PX
