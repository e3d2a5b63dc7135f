"""Pictures of every page in three sizes and both themes, to be looked at: `python -m tests.screens docs/screens/all`.

A demo installation is started, watched until its first alert, and gets the house of the cast beside it, so that every
page has something to show. Each picture is WebP; those of the 4K wall are stored at half their size.
"""

import argparse
import io
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tests.e2e.conftest import ARGUMENTS, CHROMIUM
from tests.e2e.house_in_stack import house_into
from tests.permission_row import ANONYMOUS, ELSEWHERE
from tests.permissions import ROWS
from tests.stack import Stack, running_stack, wait_for

SIZES: Final = {"desk": (1366, 768), "wall": (3840, 2160), "phone": (390, 844)}
THEMES: Final = ("dark", "light")
SETTLE_MS: Final = 700
FILES: Final = (".mp4", ".jpg", ".js", "/picture", "/order", "/export", "/film")
SKIPPED: Final = ("account/logout/", "alerts/rows", "metrics")
DEMO: Final = {
    "demo-queue": ("operator", "/alerts/"),
    "demo-alert": ("operator", "/alerts/{alert}/"),
    "demo-wall": ("operator", "/cameras/wall/"),
    "demo-map": ("operator", "/map/"),
    "demo-shift": ("operator", "/alerts/shift/"),
    "demo-load": ("supervisor", "/load/"),
    "demo-decisions": ("supervisor", "/alerts/decisions/"),
    "demo-cameras": ("administrator", "/cameras/"),
    "demo-system": ("administrator", "/system/"),
    "demo-kept": ("custodian", "/cameras/kept/"),
    "demo-trail": ("auditor", "/audit/"),
    "demo-public": (ANONYMOUS, "/transparency/"),
}


@dataclass(frozen=True)
class Shot:
    """One page to be taken: its file's name, who opens it, where."""

    name: str
    person: str
    password: str
    address: str


def main() -> None:
    """Take all pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path, help="folder; made where it is missing, pictures in it are replaced")
    parser.add_argument("--only", nargs="+", default=[""], metavar="PART", help="parts of pictures' names")
    parser.add_argument("--sizes", nargs="+", choices=list(SIZES), default=list(SIZES))
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    with running_stack(is_demo=True, PACA_STREAM_WORKERS="1") as stack, sync_playwright() as playwright:
        alert = wait_for("an alert with its clip", lambda: first_alert(stack), 400)
        every = (*demo_shots(stack, alert), *house_shots(stack, alert))
        shots = [shot for shot in every if any(part in shot.name for part in options.only)]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for size in options.sizes:
            for theme in THEMES:
                take_all(browser, stack, shots, options.out, f"{size}-{theme}", SIZES[size], theme)


def first_alert(stack: Stack) -> int | None:
    """Return an alert whose clip is there, if there is one."""
    found = stack.query("SELECT id FROM alerts_alert WHERE clip_state = 'ready' ORDER BY id LIMIT 1")
    return int(found[0][0]) if found else None


def demo_shots(stack: Stack, alert: int) -> Iterator[Shot]:
    """Yield what the demo itself shows, live cameras and a real alert."""
    for name, (person, address) in DEMO.items():
        yield Shot(name, person, stack.passwords.get(person, ""), address.format(alert=alert))


def house_shots(stack: Stack, alert: int) -> Iterator[Shot]:
    """Yield every page of the table of permissions, opened by somebody who may; `alert` lends its clip to the house."""
    house = house_into(stack)
    lend_clip(stack, alert)
    for row in ROWS:
        is_page = row.method == "GET" and row.answer == 200 and row.may and not row.pattern.endswith(FILES)
        if not is_page or row.pattern in SKIPPED:
            continue
        member = next(one for one in row.may if one != ELSEWHERE)
        name = re.sub(r"[^a-z0-9]+", "-", row.pattern.replace("<int:pk>", "one").lower()).strip("-") or "home"
        yield Shot(name, house.people.get(member, ANONYMOUS), house.password, house.addresses[row.pattern])


def lend_clip(stack: Stack, alert: int) -> None:
    """Put the masked clip and poster of a real alert where the house's rows say that theirs are."""
    [(clip, poster)] = stack.query(f"SELECT clip_path, poster_path FROM alerts_alert WHERE id = {alert}")
    footage = stack.data / "footage"
    wanted = stack.query(
        "SELECT clip_path, poster_path FROM alerts_alert WHERE clip_state = 'ready'"
        " UNION SELECT '', path FROM commissioning_still WHERE path <> ''"
        " UNION SELECT path, '' FROM cameras_segment"
    )
    for paths in wanted:
        for path, lent in zip(paths, (clip, poster), strict=True):
            target = footage / path
            if path and not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(footage / lent, target)


def take_all(
    browser: Browser, stack: Stack, shots: list[Shot], out: Path, look: str, size: tuple[int, int], theme: str
) -> None:
    """Take every page in one size and theme; people stay signed in."""
    pages: dict[str, Page] = {}
    for shot in shots:
        page = pages.get(shot.person) or pages.setdefault(shot.person, signed_in(browser, stack, shot, size, theme))
        answer = page.goto(stack.url + shot.address)
        if (
            answer is None
            or answer.status != 200
            or not (answer.header_value("content-type") or "").startswith("text/html")
        ):
            continue
        if not page.evaluate("document.doctype !== null"):
            continue  # a part of a page, for scripts
        page.wait_for_timeout(SETTLE_MS)
        picture: Image.Image = Image.open(io.BytesIO(page.screenshot()))
        if size[0] > 2000:
            picture = picture.resize((size[0] // 2, size[1] // 2), Image.Resampling.LANCZOS)
        picture.convert("RGB").save(out / f"{shot.name}-{look}.webp", quality=50, method=4)
    for page in pages.values():
        page.context.close()


def signed_in(browser: Browser, stack: Stack, shot: Shot, size: tuple[int, int], theme: str) -> Page:
    """Return a page of the person who opens `shot`."""
    context = browser.new_context(viewport={"width": size[0], "height": size[1]})
    context.add_init_script(f"localStorage.setItem('paca.theme', '{theme}')")
    page = context.new_page()
    if shot.person != ANONYMOUS:
        page.goto(f"{stack.url}/account/login/")
        page.get_by_label("Username").fill(shot.person)
        page.get_by_label("Password").fill(shot.password)
        page.keyboard.press("Enter")
        page.wait_for_url(lambda url: "/account/login" not in url)
    return page


if __name__ == "__main__":
    main()
