"""The necessity clock in the browser: a record speaks against a camera, a supervisor switches it off, it stops."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.e2e.conftest import sign_in
from tests.e2e.desk_in_stack import Hand
from tests.stack import Stack, running_stack, wait_for

pytestmark = pytest.mark.e2e
CAMERA = "Sykkelgata (demo, recorded, to and fro)"
WHY = "Nobody was helped by this camera in a quarter."


@pytest.fixture(scope="module")
def demo() -> Iterator[Stack]:
    with running_stack(is_demo=True, PACA_STREAM_WORKERS="1") as running:
        yield running


def test_a_camera_that_confirms_nothing_proposes_its_own_switch_off_and_a_supervisor_stops_it(
    demo: Stack, page: Page
) -> None:
    ((camera_id,),) = demo.query("SELECT id FROM cameras_camera WHERE name = %s", CAMERA)
    live = "SELECT 1 FROM inference_streamstate WHERE camera_id = %s AND status = 'live'"
    wait_for("the camera runs, as its site is authorised", lambda: demo.query(live, camera_id), 120)
    sign_in(page, demo, "supervisor")
    page.goto(f"{demo.url}/necessity/")
    expect(page.get_by_text("Nothing is proposed now.")).to_be_visible()

    hand = Hand(demo)
    assert hand.ask("dismissed", camera=camera_id, count=50) == 2, "the camera, and the only kind of event it had"
    hand.close()
    page.reload()
    proposal = page.get_by_role("region", name=CAMERA)
    expect(proposal).to_contain_text("0 of 50 decided alerts were confirmed in 90 days")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()

    proposal.get_by_label("Why").fill(WHY)
    proposal.get_by_role("button", name="Switch it off").click()
    expect(page.get_by_text(f"Switched off: {CAMERA}.")).to_be_visible()
    wait_for("the camera stopped", lambda: not demo.query(live, camera_id), 30)
    page.goto(f"{demo.url}/cameras/{camera_id}/")
    expect(page.get_by_text(WHY).first).to_be_visible()
