"""The whole way of a release in the browser: five wrong attempts are refused, the viewer sees, and it is over."""

import json
import os
import subprocess
import sys
from datetime import datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.cast import ORDER
from tests.e2e.conftest import sign_in
from tests.stack import CHECKOUT, Stack, wait_for

pytestmark = pytest.mark.e2e
LOCAL = "%Y-%m-%dT%H:%M"


@pytest.fixture(scope="module")
def vault(quiet: Stack) -> dict[str, Any]:
    environment = {**os.environ, **quiet.services(), "PACA_DATA": str(quiet.data)}
    made = subprocess.run(
        [sys.executable, "-m", "tests.e2e.vault_in_stack"],
        cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    found: dict[str, Any] = json.loads(made.stdout.splitlines()[-1])
    return found


def page_of(browser: Browser, stack: Stack, name: str, *, scripts: bool = False) -> Page:
    """Sign somebody in; everything but the playing itself is done without scripts."""
    page = browser.new_context(viewport={"width": 1366, "height": 768}, java_script_enabled=scripts).new_page()
    sign_in(page, stack, name)
    return page


def later(moment: str, **by: int) -> str:
    return (datetime.strptime(moment, LOCAL) + timedelta(**by)).strftime(LOCAL)  # noqa: DTZ007 - a field's own time


def request(page: Page, url: str, vault: dict[str, Any]) -> None:
    page.goto(f"{url}/warrants/")
    page.get_by_role("link", name="Request a release").click()
    page.get_by_label("court or authority", exact=False).fill("Agder District Court")
    page.get_by_label("Reference").fill("26-104512ENE-TAGD")
    page.get_by_label("Legal basis", exact=False).fill("Criminal Procedure Act, section 210")
    page.get_by_label("The order").set_input_files(
        {"name": "order.pdf", "mimeType": "application/pdf", "buffer": ORDER}
    )
    page.get_by_label(vault["camera"], exact=False).check()
    page.get_by_label("From").fill(vault["start"])
    page.get_by_label("To", exact=True).fill(later(vault["start"], minutes=10))
    page.get_by_label("Who may watch it here").select_option(label="operator (Operator)")
    page.get_by_label("Justification").fill("A person was struck at the fountain; faces are needed.")
    page.get_by_role("button", name="Request the release").click()
    expect(page.get_by_text("Requested, and its minutes are held.")).to_be_visible()


def compare(page: Page, vault: dict[str, Any], reference: str) -> None:
    page.get_by_label("Reference on the order").fill(reference)
    page.get_by_label("The order allows from").fill(later(vault["start"], minutes=-30))
    page.get_by_label("to", exact=True).fill(later(vault["start"], minutes=30))
    page.get_by_label("of so many cameras").fill("1")
    page.get_by_label("I compared court", exact=False).check()
    page.get_by_role("button", name="Confirm").click()


def approve(page: Page, vault: dict[str, Any], passphrase: str) -> None:
    page.get_by_label("Open for so many hours").fill("1")
    page.get_by_label("Your key file, or your share of it").set_input_files(
        {"name": "key.json", "mimeType": "application/json", "buffer": vault["key_file"].encode()}
    )
    page.get_by_label("Its passphrase").fill(passphrase)
    page.get_by_label("Why you approve").fill("The order is genuine; nothing milder does.")
    page.get_by_role("button", name="Approve and open").click()


def prove(page: Page, stack: Stack, name: str) -> None:
    page.wait_for_url("**/account/reauthenticate/**")
    page.get_by_label("Password").fill(stack.passwords[name])
    page.keyboard.press("Enter")
    page.wait_for_url("**/decide")


def decide(release: str, supervisor: Page, custodian: Page, viewer: Page, quiet: Stack, vault: dict[str, Any]) -> str:
    """Confirm and approve, with what is refused on the way. Returns the code."""
    # before it is confirmed nobody opens it
    custodian.goto(f"{release}decide")
    expect(custodian).to_have_url(release)
    expect(custodian.get_by_text("This step is for supervisors.")).to_be_visible()
    assert viewer.goto(f"{release}view").status == 404  # type: ignore[union-attr]

    supervisor.goto(f"{quiet.url}/warrants/")
    supervisor.get_by_role("link", name="Compare with the order").click()
    compare(supervisor, vault, "26-000001ENE-TAGD")
    expect(supervisor.get_by_role("alert")).to_contain_text(
        "The reference in the order is not the one of this request."
    )
    compare(supervisor, vault, "26-104512ENE-TAGD")
    expect(supervisor.get_by_text("Confirmed. A custodian now approves or refuses it.")).to_be_visible()
    supervisor.goto(f"{release}decide")
    assert supervisor.get_by_text("Approve").count() == 0

    custodian.goto(release)
    custodian.get_by_role("link", name="Approve or refuse").click()
    prove(custodian, quiet, "custodian")
    approve(custodian, vault, "not-the-passphrase")
    expect(custodian.get_by_text("the passphrase is wrong", exact=False)).to_be_visible()
    approve(custodian, vault, vault["passphrase"])
    return custodian.locator("output").inner_text()


def watch(release: str, viewer: Page, custodian: Page, code: str) -> None:
    """Unlock, with a wrong code first, and see the video play."""
    viewer.goto(f"{release}view")
    viewer.get_by_label("The code that the custodian gave you").fill("AAAA-AAAA-AAAA-AAAA-AAAA-AAAA-AA")
    viewer.get_by_role("button", name="Open").click()
    expect(viewer.get_by_text("This code does not open this release.")).to_be_visible()
    viewer.get_by_label("The code that the custodian gave you").fill(code)
    viewer.get_by_role("button", name="Open").click()
    viewer.get_by_role("button", name="Watch").click()
    shown = "document.querySelector('video').readyState >= 3 && document.querySelector('video').videoWidth"
    assert wait_for("the footage plays", lambda: viewer.evaluate(shown), 60) == 320
    assert custodian.goto(f"{release}view").status == 404  # type: ignore[union-attr]


def test_a_court_s_order_opens_minutes_to_one_person_for_a_while(
    browser: Browser, quiet: Stack, vault: dict[str, Any]
) -> None:
    administrator, supervisor, custodian = (
        page_of(browser, quiet, name) for name in ("administrator", "supervisor", "custodian")
    )
    viewer = page_of(browser, quiet, "operator", scripts=True)
    request(administrator, quiet.url, vault)
    release = administrator.url
    expect(administrator.get_by_role("button", name="Confirm")).to_have_count(0)

    code = decide(release, supervisor, custodian, viewer, quiet, vault)
    watch(release, viewer, custodian, code)

    custodian.goto(release)
    expect(custodian.get_by_text("Together 30 s of footage")).to_be_visible()
    custodian.get_by_label("Reason").fill("The court has seen enough.")
    custodian.get_by_role("button", name="End the release").click()
    expect(custodian.get_by_text("Ended. Its keys were destroyed.")).to_be_visible()
    viewer.goto(f"{release}view")
    expect(viewer.get_by_text("This release is over.", exact=False)).to_be_visible()
    assert not quiet.query("SELECT 1 FROM warrants_releasedkey")
    refused = quiet.query("SELECT count(*) FROM audit_auditentry WHERE action = 'warrant.attempt-refused'")
    assert refused == [(3,)], "another reference, a wrong passphrase, a wrong code; two pages did not open at all"
    assert code not in quiet.log("web")
