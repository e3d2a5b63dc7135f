"""The desk with several people at once: two operators and a supervisor, each in a browser of their own."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import sign_in
from tests.stack import Stack, wait_for

pytestmark = pytest.mark.e2e


@contextmanager
def desk_of(browser: Browser, stack: Stack, name: str) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    page = context.new_page()
    sign_in(page, stack, name)
    page.goto(f"{stack.url}/alerts/")
    expect(page.get_by_text("live", exact=True).first).to_be_visible()
    yield page
    context.close()


def open_alert(stack: Stack) -> int:
    """Return an alert that nobody has yet, as soon as the camera has raised one."""
    asked = "SELECT id FROM alerts_alert WHERE state = 'new' AND claimed_by_id IS NULL ORDER BY id DESC LIMIT 1"
    return int(wait_for("an open alert", lambda: stack.query(asked), 150)[0][0])


def holder(stack: Stack, alert: int) -> str | None:
    found = stack.query(
        "SELECT u.username FROM alerts_alert a JOIN accounts_user u ON u.id = a.claimed_by_id WHERE a.id = %s", alert
    )
    return str(found[0][0]) if found else None


def test_a_claim_shows_at_once_is_taken_over_knowingly_and_a_decision_is_undone(browser: Browser, stack: Stack) -> None:
    with desk_of(browser, stack, "operator") as operator, desk_of(browser, stack, "supervisor") as supervisor:
        alert = open_alert(stack)
        row = f"#alert-{alert}"
        expect(supervisor.locator(row)).to_be_visible(timeout=30_000)
        operator.goto(f"{stack.url}/alerts/{alert}/")
        expect(operator.get_by_text("You have this alert.")).to_be_visible()
        expect(supervisor.locator(f"{row} .row__state--held")).to_be_visible(timeout=2000)  # by push, not by reading

        supervisor.goto(f"{stack.url}/alerts/{alert}/")
        expect(supervisor.locator("[data-decide]")).to_have_count(0)
        supervisor.get_by_role("button", name="Take over").click()
        expect(supervisor.get_by_text("You have this alert.")).to_be_visible()
        expect(operator.get_by_text("has taken this alert over", exact=False)).to_be_visible(timeout=2000)
        expect(operator.locator("[data-decide]")).to_have_count(0)
        assert holder(stack, alert) == "supervisor"

        supervisor.wait_for_timeout(500)
        supervisor.locator("body").press("d")
        supervisor.locator("body").press("1")
        undo = supervisor.locator("[data-undo]")
        expect(undo).to_be_visible()
        expect(operator.get_by_text("just decided this alert", exact=False)).to_be_visible(timeout=2000)
        supervisor.wait_for_timeout(500)
        supervisor.locator("body").press("u")
        undone = "SELECT 1 FROM alerts_alert WHERE id = %s AND state = 'new'"
        wait_for("the undo", lambda: stack.query(undone, alert), 10)
        expect(supervisor.get_by_text("You have this alert.")).to_be_visible()
        verdicts = stack.query("SELECT verdict FROM alerts_decision WHERE alert_id = %s ORDER BY id", alert)
        assert verdicts == [("dismiss",), ("undo",)]
        expect(operator.locator(row)).to_be_visible()


def test_the_clock_calls_a_second_operator_then_the_supervisor_with_every_browser_closed(
    browser: Browser, stack: Stack
) -> None:
    alert = open_alert(stack)
    asked = "SELECT 1 FROM alerts_alert WHERE id = %s AND call_level = %s"
    for level in (1, 2):
        stack.query(
            "UPDATE alerts_alert SET due_at = now(), claimed_by_id = NULL, claimed_at = NULL, claimed_until = NULL"
            " WHERE id = %s RETURNING id",
            alert,
        )
        wait_for(f"call {level}", lambda level=level: stack.query(asked, alert, level), 15)  # type: ignore[misc]
    with desk_of(browser, stack, "supervisor") as supervisor:
        expect(supervisor.locator(f"#alert-{alert} .row__state--called")).to_have_text("Supervisor")
    called = stack.query(
        "SELECT count(*) FROM audit_auditentry WHERE action = 'alert.called' AND subject = %s", f"alert:{alert}"
    )
    assert called == [(2,)]
