"""A second review by keyboard in a real browser: blind until the second decision is stored."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.cast import PASSWORD
from tests.permission_row import OPERATOR
from tests.stack import CHECKOUT, Stack

pytestmark = pytest.mark.e2e
FIRST_REASON = "dense but calm crowd"  # what the first person of the house chose


@pytest.fixture
def house(stack: Stack) -> dict[str, Any]:
    environment = {**os.environ, **stack.services(), "PACA_DATA": str(stack.data), "PACA_REQUIRE_SECOND_FACTOR": "0"}
    made = subprocess.run(
        [sys.executable, "-m", "tests.e2e.house_in_stack"],
        cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    found: dict[str, Any] = json.loads(made.stdout.splitlines()[-1])
    return found


def test_two_keys_review_an_alert_and_only_then_the_first_decision_is_told(
    page: Page, stack: Stack, house: dict[str, Any]
) -> None:
    page.goto(f"{stack.url}/account/login/")
    page.get_by_label("Username").fill(house["people"][OPERATOR])
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/account/login" not in url)
    page.goto(stack.url + house["addresses"]["reviews/<int:pk>/"])
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
