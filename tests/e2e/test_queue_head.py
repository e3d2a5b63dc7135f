"""The counts above the queue: wherever the line breaks, each number stands beside its word."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from django.template.loader import render_to_string
from playwright.sync_api import Page

pytestmark = pytest.mark.e2e
CSS = Path(__file__).resolve().parents[2] / "static" / "css"
LINES = """counts => [...counts.querySelectorAll("span:not(:has(span))")].map((number) => {
    const both = document.createRange();
    both.setStartBefore(number);
    both.setEndAfter(number.nextSibling);
    return new Set([...both.getClientRects()].map((box) => Math.round(box.y))).size;
})"""


@pytest.mark.parametrize("width", [280, 320, 350, 384])
def test_no_count_is_parted_from_its_word(page: Page, width: int) -> None:
    queue = {"total": 12, "escalated": 10, "to_log": 11, "shelved": 13, "rows": [], "floods": [], "shares": []}
    page.set_content(render_to_string("alerts/_queue.html", {"queue": queue, "user": SimpleNamespace(pk=1)}))
    for sheet in ("tokens.css", "base.css", "components.css", "desk.css"):
        page.add_style_tag(content=(CSS / sheet).read_text())
    page.add_style_tag(content=f".queue {{ width: {width}px }}")
    page.locator("[data-sound]").evaluate("button => { button.hidden = false; }")
    counts = page.locator(".queue__counts")
    assert counts.evaluate(LINES) == [1, 1, 1, 1]
    assert " ".join(counts.inner_text().split()) == "12 open · 10 escalated · 11 to log · 13 shelved"
    assert counts.evaluate("counts => counts.scrollWidth <= counts.clientWidth")
