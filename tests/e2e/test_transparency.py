"""The public page in a real browser: without an account, without scripts, and clean by axe."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.stack import Stack

pytestmark = pytest.mark.e2e


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_axe_finds_nothing_on_the_public_page(theme: str, page: Page, stack: Stack) -> None:
    page.add_init_script(f"localStorage.setItem('paca.theme', '{theme}')")
    page.goto(f"{stack.url}/transparency/")
    assert page.locator("html").get_attribute("data-theme") == theme
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def test_a_passer_by_finds_the_page_on_a_phone_without_scripts(browser: Browser, stack: Stack) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=False)
    page = context.new_page()
    page.goto(stack.url)
    page.get_by_role("link", name="What the cameras here do").click()
    page.get_by_role("heading", name="What the cameras here do").wait_for()
    page.get_by_role("link", name="Contact and complaints").click()
    assert page.get_by_text("has named nobody").is_visible()
    page.get_by_role("link", name="The full card of paca-seg").click()
    assert "Mask card: paca-seg" in page.locator("body").inner_text()
    context.close()
