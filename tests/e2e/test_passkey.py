"""A passkey in a real browser, with a virtual authenticator: added, named, used at the door and anew, removed."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.stack import Stack

pytestmark = pytest.mark.e2e
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def door(quiet: Stack) -> Iterator[str]:
    """The installation by a name that browsers use passkeys at."""
    yield f"http://localhost:{quiet.port}"
    quiet.query("DELETE FROM mfa_authenticator RETURNING id")


def sign_in_by_password(page: Page, door: str, stack: Stack, name: str) -> None:
    page.goto(f"{door}/account/login/")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(stack.passwords[name])
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(lambda url: "/account/login" not in url)


def axe_finds_nothing(page: Page) -> None:
    found = Axe().run(page).response["violations"]
    assert not found, [(one["id"], one["nodes"][0]["target"]) for one in found]


def test_a_passkey_is_added_signs_in_proves_anew_and_is_removed(page: Page, quiet: Stack, door: str) -> None:
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    device = devices.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})["authenticatorId"]

    sign_in_by_password(page, door, quiet, "custodian")
    page.locator(".header__person").click()
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Password").fill(quiet.passwords["custodian"])
    page.get_by_role("button", name="Continue").click()
    axe_finds_nothing(page)
    page.get_by_label("What you call it").fill("Key ring")
    page.get_by_role("button", name="Add a passkey").click()
    page.wait_for_url("**/recovery-codes/")
    kept = devices.send("WebAuthn.getCredentials", {"authenticatorId": device})["credentials"]
    assert [(one["isResidentCredential"], one["rpId"]) for one in kept] == [(True, "localhost")]
    page.goto(f"{door}/account/2fa/")
    expect(page.get_by_role("cell", name="Key ring", exact=True)).to_be_visible()
    axe_finds_nothing(page)

    page.get_by_role("button", name="Sign out").click()
    page.goto(f"{door}/account/login/")
    axe_finds_nothing(page)
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url("**/cameras/retention/")

    page.goto(f"{door}/custody/add")
    expect(page.get_by_role("heading", name="Is it still you?")).to_be_visible()
    axe_finds_nothing(page)
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url("**/custody/add")

    page.goto(f"{door}/account/2fa/")
    page.get_by_role("link", name="Rename Key ring").click()
    page.get_by_label("Name").fill("Desk 2")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Remove Desk 2").click()
    page.get_by_role("button", name="Remove", exact=True).click()
    expect(page.get_by_role("cell", name="Desk 2", exact=True)).to_have_count(0)
    assert not faults


def test_after_the_password_the_passkey_is_asked_for_and_a_closed_one_is_told_in_words(
    page: Page, quiet: Stack, door: str
) -> None:
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    device = devices.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})["authenticatorId"]
    sign_in_by_password(page, door, quiet, "auditor")
    page.goto(f"{door}/account/2fa/webauthn/add/")
    page.get_by_label("Password").fill(quiet.passwords["auditor"])
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Add a passkey").click()
    page.wait_for_url("**/recovery-codes/")
    page.get_by_role("button", name="Sign out").click()

    sign_in_by_password(page, door, quiet, "auditor")
    page.wait_for_url("**/2fa/authenticate/")
    devices.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": False})
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("alert").filter(has_text="Nothing came of it")).to_be_visible()
    assert page.url.endswith("/2fa/authenticate/")
    axe_finds_nothing(page)
    devices.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": True})
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url("**/alerts/decisions/")


def test_at_a_bare_address_the_page_says_where_passkeys_work(page: Page, quiet: Stack, door: str) -> None:
    page.goto(f"{quiet.url}/account/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("alert").filter(has_text="Browsers use no passkeys at 127.0.0.1")).to_be_visible()
