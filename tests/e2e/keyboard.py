"""Working without a mouse: keys, and whether whoever presses them can see where they are."""

from typing import Any

from playwright.sync_api import Page, expect

SETTLED_MS = 500
"""No key decides sooner after the alert under the hand has changed (static/js/alert-keys.js: 400 ms)."""
MOST_TABS = 80
PLACE = """() => {
  const at = document.activeElement;
  if (!at || at === document.body) return null;
  const box = at.getBoundingClientRect();
  const style = getComputedStyle(at);
  return {
    name: (at.getAttribute("aria-label") ?? at.textContent ?? "").trim().replace(/\\s+/g, " ").slice(0, 80),
    tag: at.tagName.toLowerCase(),
    isOutlined: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1,
    isInView: box.width > 0 && box.height > 0 && box.bottom > 0 && box.right > 0
      && box.top < innerHeight && box.left < innerWidth,
  };
}"""


def place(page: Page, *, is_outlined: bool = True) -> dict[str, Any]:
    """Return what has the focus, having checked that there is something, that it is in view and that one sees it.

    `is_outlined=False`: a heading that reads out what has just come; nothing is pressed on it.
    """
    found: dict[str, Any] | None = page.evaluate(PLACE)
    assert found is not None, f"nothing has the focus at {page.url}"
    assert found["isInView"], f"the focus is out of view at {page.url}: {found}"
    assert found["isOutlined"] or not is_outlined, f"nobody sees the focus at {page.url}: {found}"
    return found


def tab_to(page: Page, name: str) -> None:
    """Press Tab until what begins with `name` has the focus; each stop on the way is visible."""
    passed = []
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            continue  # round the end of the page
        found = place(page)
        if found["name"].startswith(name):
            return
        passed.append(found["name"])
    raise AssertionError(f"no {name!r} within {MOST_TABS} presses of Tab at {page.url}: {passed}")


def press(page: Page, keys: str) -> None:
    """Press keys one after the other, as somebody does who has seen what is there."""
    page.wait_for_timeout(SETTLED_MS)
    for key in keys.split():
        page.keyboard.press(key)


def sign_in_by_keys(page: Page, address: str, name: str, password: str) -> None:
    """Sign in with what has the focus when the page opens, Tab and Enter."""
    page.goto(address)
    expect(page.get_by_label("Username")).to_be_focused()
    place(page)
    page.keyboard.type(name)
    page.keyboard.press("Tab")
    expect(page.get_by_label("Password")).to_be_focused()
    page.keyboard.type(password)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/account/login" not in url, wait_until="load")


def open_number(page: Page) -> int:
    """Return the number of the alert on the desk, whose name has the focus."""
    expect(page.locator("#alert h1")).to_be_focused()
    place(page, is_outlined=False)
    return int(page.locator("[data-open-alert]").get_attribute("data-open-alert") or 0)
