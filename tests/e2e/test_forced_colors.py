"""With the person's own colours (Windows high contrast) backgrounds are gone: what is open must still stand out."""

from pathlib import Path

import pytest
from playwright.sync_api import Page

pytestmark = pytest.mark.e2e
CSS = Path(__file__).resolve().parents[2] / "static" / "css"
SHEETS = ("tokens.css", "base.css", "header.css", "components.css", "desk.css")
PAGE = """<!doctype html><html lang="en"><head><title>t</title></head><body>
<ul class="nav"><li><a class="nav__link" aria-current="page" href="#">Alerts</a></li>
<li><a class="nav__link" href="#">Wall</a></li></ul>
<ol><li class="row" data-severity="2" aria-current="true"><a class="row__link" href="#">first</a></li>
<li class="row" data-severity="2"><a class="row__link" href="#">second</a></li></ol></body></html>"""


def style(page: Page, selector: str, *, name: str) -> str:
    found: str = page.locator(selector).evaluate("(element, name) => getComputedStyle(element)[name]", name)
    return found


def test_open_row_and_open_page_stand_out_without_backgrounds(page: Page) -> None:
    page.emulate_media(forced_colors="active")
    page.set_content(PAGE)
    for sheet in SHEETS:
        page.add_style_tag(content=(CSS / sheet).read_text())
    assert style(page, ".row[aria-current] .row__link", name="outlineStyle") == "solid"
    assert style(page, ".row:not([aria-current]) .row__link", name="outlineStyle") == "none"
    page.locator("body").evaluate("body => { body.style.color = 'Canvas'; }")
    ground = style(page, "body", name="color")
    assert style(page, ".nav__link:not([aria-current])", name="borderBottomColor") == ground
    assert style(page, ".nav__link[aria-current]", name="borderBottomColor") != ground
