"""Operator and supervisor on one desk: neighbours' incident, a flood, a shelf that ends by itself, a handover."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import sign_in
from tests.e2e.desk_in_stack import Hand
from tests.e2e.test_queue_is_true import in_database
from tests.stack import Stack, wait_for

pytestmark = pytest.mark.e2e


@pytest.fixture
def operator(browser: Browser, quiet: Stack) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    page = context.new_page()
    sign_in(page, quiet, "operator")
    page.goto(f"{quiet.url}/alerts/")
    expect(page.get_by_text("live", exact=True).first).to_be_visible()
    yield page
    context.close()


def test_alerts_of_two_neighbouring_cameras_stand_together_as_one_incident(
    operator: Page, quiet: Stack, hand: Hand
) -> None:
    near = hand.ask("cameras", count=2, metres_apart=20)
    far = hand.ask("cameras", count=10, metres_apart=900)[-1]
    first, second, other = hand.ask("raised", cameras=[*near, far])
    expect(operator.locator(f"#alert-{other}")).to_be_visible()
    incident = operator.locator(f"#alert-{first}").get_attribute("data-incident")
    assert operator.locator(f"#alert-{second}").get_attribute("data-incident") == incident
    assert operator.locator(f"#alert-{other}").get_attribute("data-incident") != incident
    operator.goto(f"{quiet.url}/alerts/incidents/{incident}/")
    listed = operator.locator("tbody a").evaluate_all("links => links.map((link) => link.getAttribute('href'))")
    assert {f"/alerts/{first}/", f"/alerts/{second}/"} <= set(listed)
    assert f"/alerts/{other}/" not in listed


def test_a_shelved_alert_goes_and_returns_by_the_clock(operator: Page, quiet: Stack, hand: Hand) -> None:
    alert = hand.ask("raised", cameras=hand.ask("cameras", count=1, metres_apart=0))[0]
    row = operator.locator(f"#alert-{alert}")
    expect(row).to_be_visible()
    operator.goto(f"{quiet.url}/alerts/{alert}/")
    operator.wait_for_timeout(500)  # no key counts before
    operator.locator("body").press("s")
    operator.keyboard.type("Building work in the yard")
    operator.get_by_role("button", name="15 min").click()
    wait_for("the shelf", lambda: quiet.query("SELECT 1 FROM alerts_shelf WHERE alert_id = %s", alert), 10)
    operator.goto(f"{quiet.url}/alerts/")
    expect(row).to_have_count(0)
    assert alert not in in_database(quiet)
    quiet.query(
        "UPDATE alerts_shelf SET starts_at = now() - interval '20 min', until = now() WHERE alert_id = %s RETURNING id",
        alert,
    )
    expect(row).to_be_visible(timeout=15_000)  # pushed by the clock: the page was not loaded anew
    assert alert in in_database(quiet)


def test_a_shift_is_handed_over_with_two_signatures(operator: Page, browser: Browser, quiet: Stack) -> None:
    operator.goto(f"{quiet.url}/alerts/shift/")
    operator.get_by_role("button", name="Begin my shift").click()
    operator.get_by_label("Notes for whoever comes next").fill("The gate at the yard is open.")
    operator.get_by_role("button", name="End my shift and sign").click()
    wait_for("the sheet", lambda: quiet.query("SELECT 1 FROM alerts_shift WHERE ended_at IS NOT NULL"), 10)
    context = browser.new_context()
    next_one = context.new_page()
    sign_in(next_one, quiet, "supervisor")
    next_one.goto(f"{quiet.url}/alerts/shift/")
    next_one.get_by_role("link", name="Open the sheet").first.click()
    expect(next_one.get_by_text("The gate at the yard is open.")).to_be_visible()
    next_one.get_by_role("button", name="I have read it and take over").click()
    wait_for("both", lambda: quiet.query("SELECT 1 FROM alerts_shift WHERE accepted_by_id IS NOT NULL"), 10)
    context.close()


@pytest.fixture
def _empty_afterwards(quiet: Stack) -> Iterator[None]:
    """Whatever test comes next starts below the 200 rows that a queue shows."""
    yield
    quiet.query(
        "UPDATE alerts_alert SET state = 'dismissed', due_at = NULL, claimed_by_id = NULL, claimed_at = NULL,"
        " claimed_until = NULL, shelf_id = NULL, shelved_until = NULL WHERE state IN ('new', 'escalated') RETURNING id"
    )


@pytest.mark.usefixtures("_empty_afterwards")
def test_in_a_flood_of_two_hundred_all_are_there_and_grouped(operator: Page, quiet: Stack, hand: Hand) -> None:
    places = hand.ask("cameras", count=20, metres_apart=300)
    alerts = hand.ask("raised", cameras=places * 10)
    assert len(set(alerts)) == 200
    expect(operator.locator("[data-flood]")).to_contain_text("Flood at", timeout=20_000)
    truth = in_database(quiet)
    assert set(alerts) <= set(truth)  # nothing was dropped
    operator.goto(f"{quiet.url}/alerts/")
    assert int(operator.locator("[data-count-open]").inner_text()) == len(truth)
    folded = operator.locator("[data-queue][data-folded]")
    expect(folded).to_be_visible()
    rows = operator.locator("[data-row]")
    of_flood = operator.locator("[data-row][data-group]:visible")
    assert rows.count() == min(200, len(truth))
    assert 20 <= of_flood.count() < 60  # one row for each incident
    took_ms = operator.evaluate(
        "async () => { const times = []; for (let n = 0; n < 5; n += 1) { const start = performance.now();"
        " await (await fetch('/alerts/rows', { cache: 'no-store' })).text(); times.push(performance.now() - start); }"
        " return times.sort((a, b) => a - b)[2]; }"
    )
    assert took_ms < 2000  # the bar of 200 ms is measured where nothing else runs: docs/performance.md
