"""Four cameras before four browsers, fifty alerts, and ten viewers that never read: how late, how much memory.

`python -m tests.load.wall` starts an installation on four RTSP cameras that play the street clip round and round, and
measures one after the other: capture to canvas of every tile of every browser; the memory of the web process while
ten more viewers ask for every picture and read none; onset to screen of at least fifty alerts. All clocks are this
machine's, which runs the cameras' server and the browsers as well.
"""

import argparse
import base64
import json
import os
import socket
import struct
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Page, sync_playwright

from inference.commands.machine import describe_machine
from tests.e2e.conftest import ARGUMENTS, CHROMIUM, sign_in
from tests.e2e.kill_each import pid_of
from tests.e2e.latency import LISTEN, WATCH, alert_delays, live_delays
from tests.e2e.workers import add_cameras
from tests.load.sockets import HANDSHAKE
from tests.rtsp_server import rtsp_server
from tests.stack import Stack, running_stack, wait_for
from tests.street_clip import write_street_clip

CAMERAS: Final = 4
BROWSERS: Final = 4
SILENT: Final = 10
LIVE_S: Final = 60.0
SILENT_S: Final = 120.0
SETTLE_S: Final = 10.0
MASKED_TEXT: Final = 0x81
"""First byte of a text frame; Source: RFC 6455, 5.2."""


def silent_viewer(stack: Stack, cookie: str, cameras: list[int]) -> socket.socket:
    """Open a live view as a browser does, ask for all cameras, and never read."""
    viewer = socket.create_connection(("127.0.0.1", stack.port), timeout=10)
    key = base64.b64encode(os.urandom(16)).decode()
    asked = HANDSHAKE.replace("/ws/alerts/", "/ws/live/").format(port=stack.port, cookie=cookie, key=key)
    viewer.sendall(asked.replace("\n", "\r\n").encode())
    if b" 101 " not in viewer.recv(64):
        raise SystemExit("The web process does not open a live view.")
    wish = json.dumps({"watch": [{"camera": camera} for camera in cameras]}).encode()
    # masked with zeros: as it is
    viewer.sendall(struct.pack(">BBH", MASKED_TEXT, 0x80 | 126, len(wish)) + bytes(4) + wish)
    return viewer


def memory_mib(process: int) -> float:
    """Return what a process has in memory."""
    status = Path(f"/proc/{process}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def measure_silent(stack: Stack, cookie: str, cameras: list[int]) -> dict[str, float]:
    """Return the web process's memory, MiB: before, and at most and at last with viewers that never read."""
    web = pid_of(stack, "web")
    before = memory_mib(web)
    viewers = [silent_viewer(stack, cookie, cameras) for _ in range(SILENT)]
    seen, ends_s = [], time.monotonic() + SILENT_S
    while time.monotonic() < ends_s:
        time.sleep(1)
        seen.append(memory_mib(web))
    for viewer in viewers:
        viewer.close()
    return {
        "silent_viewers": SILENT,
        "web_before_mib": before,
        "web_with_silent_at_most_mib": max(seen),
        "web_with_silent_at_last_mib": seen[-1],
    }


def measure_wall(pages: list[Page], cameras: list[int]) -> dict[str, float]:
    """Return capture to masked and to canvas over all tiles of all pages, milliseconds."""
    for page in pages:
        page.evaluate(WATCH, cameras)
    time.sleep(SETTLE_S)
    for page in pages:
        page.evaluate("window.delays.length = 0")
    time.sleep(LIVE_S)
    return live_delays([delay for page in pages for delay in page.evaluate("window.delays")])


def measure_alerts(page: Page, stack: Stack, events: int, minutes: float) -> dict[str, float]:
    """Return onset to screen, by stage, of at least `events` alerts, or of what came within `minutes`."""
    page.goto(f"{stack.url}/alerts/")
    page.evaluate(LISTEN)
    ends_s = time.monotonic() + minutes * 60
    while time.monotonic() < ends_s:
        page.wait_for_timeout(2000)
        if page.evaluate("Object.values(window.arrivals).filter(at => at).length") >= events:
            break
    return alert_delays(page, stack)


def run(events: int, minutes: float) -> dict[str, Any]:
    """Start everything, measure, stop."""
    clip = write_street_clip(Path(tempfile.mkdtemp(prefix="paca-clip-")) / "street.mp4")
    calm = {"PACA_FLOOD_ALERTS": "1000"}  # a flood folds rows of the queue; here each is timed
    with rtsp_server(clip) as address, running_stack(camera=address, **calm) as stack, sync_playwright() as playwright:
        add_cameras(stack, CAMERAS, frames_per_second=5)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        pages = [browser.new_context(viewport={"width": 1366, "height": 768}).new_page() for _ in range(BROWSERS)]
        for page in pages:
            sign_in(page, stack, "operator")
        cameras = [int(pk) for (pk,) in stack.query("SELECT id FROM cameras_camera ORDER BY id")]
        fresh = "SELECT count(*) FROM inference_streamstate WHERE last_frame_at > now() - interval '3 seconds'"
        wait_for("all cameras", lambda: stack.query(fresh)[0][0] == CAMERAS, 90)
        figures: dict[str, Any] = {**describe_machine(), "cameras": CAMERAS, "browsers": BROWSERS}
        figures |= measure_wall(pages, cameras)
        cookie = next(one["value"] for one in pages[0].context.cookies() if "sessionid" in one["name"])
        figures |= measure_silent(stack, cookie, cameras)
        for page in pages[1:]:
            page.context.close()
        figures |= measure_alerts(pages[0], stack, events, minutes)
        browser.close()
    return {key: round(value, 1) if isinstance(value, float) else value for key, value in figures.items()}


def main() -> None:
    """Run it and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, help="write the figures here")
    parser.add_argument("--events", type=int, default=50, help="alerts to wait for")
    parser.add_argument("--minutes", type=float, default=20.0, help="wait no longer")
    options = parser.parse_args()
    if CHROMIUM is None:
        parser.error("no Chromium on this machine (apt-get install chromium)")
    text = json.dumps(run(options.events, options.minutes), indent=1)
    sys.stdout.write(text + "\n")
    if options.json:
        options.json.write_text(text + "\n")


if __name__ == "__main__":
    main()
