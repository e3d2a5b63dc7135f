"""The end of a session, as the person in front of it sees it: told before, kept by any key, then a clear screen."""

import json
import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.conftest import sign_in
from tests.stack import Stack

pytestmark = pytest.mark.e2e
DESK_MS = 120 * 60_000


def test_a_warning_comes_before_any_key_stays_and_then_the_screen_is_cleared(page: Page, quiet: Stack) -> None:
    reports: list[str] = []
    idle_s = {"GET": 100, "POST": 7200}

    def answer(route: Route) -> None:
        reports.append(route.request.method)
        body = json.dumps({"idle_s": idle_s[route.request.method], "left_s": 30_000})
        route.fulfill(status=200, content_type="application/json", body=body)

    sign_in(page, quiet, "operator")
    page.clock.install()
    page.goto(f"{quiet.url}/alerts/shift/")
    page.route("**/account/here/", answer)
    warning = page.get_by_role("complementary", name="End of the session")
    expect(warning).to_be_hidden()
    page.clock.fast_forward(DESK_MS - 100_000)
    page.clock.run_for(6000)
    expect(warning).to_contain_text("You are signed out in 2 min")
    expect(warning.get_by_role("button", name="Stay signed in")).to_be_visible()

    page.keyboard.press("Shift")
    page.clock.run_for(6000)
    expect(warning).to_be_hidden()
    assert reports[-1] == "POST"

    page.unroute("**/account/here/")
    quiet.query("DELETE FROM django_session RETURNING 1")  # as the clock of the server would
    page.clock.fast_forward(DESK_MS + 1000)
    page.clock.run_for(6000)
    page.wait_for_url(re.compile("/account/login/"))
