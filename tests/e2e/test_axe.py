"""Every page of the table of permissions, opened by somebody who may, in a real browser: axe finds nothing, at 400 %
zoom nothing is cut off, and who wants less motion gets none.

The house of the cast stands in a running installation, so that every address has something behind it.
"""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, ViewportSize

from tests.e2e.conftest import sign_in
from tests.e2e.house_in_stack import HouseInStack
from tests.permission_row import ANONYMOUS, ELSEWHERE, Row
from tests.permissions import ROWS
from tests.stack import CHECKOUT

pytestmark = pytest.mark.e2e
PAGES = [row for row in ROWS if row.method == "GET" and row.answer == 200 and row.may]
LEAST_PAGES = 40  # fewer would mean that the walk has lost its way, not that the pages are good
FILES = (".mp4", ".jpg", "/picture", "/film")
LEAVES = "account/logout/"
DESK: ViewportSize = {"width": 1366, "height": 768}
ZOOMED: ViewportSize = {"width": 320, "height": 256}
"""A screen of 1280 x 1024 at 400 % is 320 x 256 wide (WCAG 1.4.10)."""
MOVES = """[...document.querySelectorAll("*")].filter((element) => ["", "::before", "::after"].some((part) => {
    const { transitionDuration, animationDuration, animationName } = getComputedStyle(element, part || null);
    const longest = (times) => Math.max(...times.split(",").map(parseFloat));
    return longest(transitionDuration) > 0.01 || (animationName !== "none" && longest(animationDuration) > 0.01);
})).map((element) => element.tagName + "." + element.className).slice(0, 3)"""
WIDTH = "document.documentElement.scrollWidth"
BESIDE = """[...document.querySelectorAll("main *")].filter((element) =>
    !element.closest(".table-scroll, .visually-hidden, svg, pre") && element.getBoundingClientRect().right > 321
).map((element) => element.tagName + "." + element.className).slice(0, 3)"""


def opener(row: Row) -> str:
    """Return who opens a page: somebody who may, and whose site it is."""
    return next(member for member in row.may if member != ELSEWHERE)


def signed_in(browser: Browser, house: HouseInStack, member: str, theme: str) -> Page:
    context = browser.new_context(viewport=DESK, reduced_motion="reduce")
    context.add_init_script(f"localStorage.setItem('paca.theme', '{theme}')")
    page = context.new_page()
    if member != ANONYMOUS:
        sign_in(page, house.stack, house.people[member], house.password)
    return page


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_every_page_passes_axe_reflows_and_stands_still(theme: str, browser: Browser, house: HouseInStack) -> None:
    axe, walked, found = Axe(), 0, []
    pages: dict[str, Page] = {}
    for row in sorted(PAGES, key=lambda row: row.pattern == LEAVES):
        member = opener(row)
        page = pages.setdefault(member, pages.get(member) or signed_in(browser, house, member, theme))
        address = house.stack.url + house.addresses[row.pattern]
        if row.pattern.endswith(FILES):
            continue  # pictures and clips, of which this house has none on disk
        answer = page.request.get(address)
        assert (row.pattern, answer.status) == (row.pattern, 200)
        if not answer.headers["content-type"].startswith("text/html"):
            continue
        page.goto(address, wait_until="load")
        if page.locator("main#main").count() == 0:
            continue  # a fragment: axe sees it in the page that it belongs to
        walked += 1
        for violation in axe.run(page).response["violations"]:
            where = [node["target"][0] for node in violation["nodes"]][:4]
            found.append(f"/{row.pattern} ({member}): {violation['id']}: {violation['help']}: {where}")
        if moving := page.evaluate(MOVES):
            found.append(f"/{row.pattern} ({member}) moves: {moving}")
        if (width := page.evaluate(WIDTH)) > DESK["width"]:
            found.append(f"/{row.pattern} ({member}) is {width} px wide on a desk of {DESK['width']}")
        page.set_viewport_size(ZOOMED)
        if (width := page.evaluate(WIDTH)) > ZOOMED["width"]:
            found.append(f"/{row.pattern} ({member}) is {width} px wide at 400 %: {page.evaluate(BESIDE)}")
        page.set_viewport_size(DESK)
    for page in pages.values():
        page.context.close()
    assert walked >= LEAST_PAGES
    assert not found, "\n".join(found)


def test_axe_finds_what_is_wrong_where_something_is(page: Page) -> None:
    page.set_content("<html><body><main><img src='data:,'><button></button></main></body></html>")
    found = {violation["id"] for violation in Axe().run(page).response["violations"]}
    assert {"image-alt", "button-name", "html-has-lang"} <= found


def test_the_walk_finds_what_moves_and_what_is_too_wide_where_something_is(page: Page) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.set_viewport_size(ZOOMED)
    page.set_content(
        "<style>@keyframes turn { to { rotate: 1turn } } #a { animation: turn 2s infinite } #b { transition: color 1s }"
        "#c::after { content: 'x'; animation: turn 2s infinite }</style>"
        "<main><p class='a' id='a'>a</p><p class='b' id='b'>b</p><p class='c' id='c'>c</p></main>"
    )
    assert page.evaluate(MOVES) == ["P.a", "P.b", "P.c"]
    assert page.evaluate(WIDTH) <= ZOOMED["width"]
    page.add_style_tag(content=(CHECKOUT / "static" / "css" / "base.css").read_text())
    assert page.evaluate(MOVES) == []
    page.add_style_tag(content=".b { width: 400px }")
    assert page.evaluate(WIDTH) > ZOOMED["width"]
    assert page.evaluate(BESIDE) == ["P.b"]
