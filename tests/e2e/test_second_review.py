"""A second review by keyboard in a real browser: blind until the second decision is stored."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import sign_in
from tests.e2e.house_in_stack import HouseInStack
from tests.permission_row import OPERATOR

pytestmark = pytest.mark.e2e
FIRST_REASON = "dense but calm crowd"  # what the first person of the house chose


def test_two_keys_review_an_alert_and_only_then_the_first_decision_is_told(page: Page, house: HouseInStack) -> None:
    sign_in(page, house.stack, house.people[OPERATOR], house.password)
    page.goto(house.stack.url + house.addresses["reviews/<int:pk>/"])
    expect(page.get_by_role("heading", name="Your decision")).to_be_visible()
    expect(page.get_by_role("heading", name="Both decisions")).to_have_count(0)
    expect(page.locator("article dl")).to_have_count(0)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("d")
    expect(page.get_by_role("button", name="Ordinary behaviour")).to_be_visible()
    page.wait_for_timeout(500)  # keys rest for a moment after the page has changed
    page.keyboard.press("1")
    expect(page.get_by_role("heading", name="Both decisions")).to_be_visible()
    expect(page.locator("article dl")).to_contain_text(FIRST_REASON)
    expect(page.get_by_text("Both of you said the same.")).to_be_visible()
