"""Measure what an operator waits for: capture to canvas of the live view, onset to screen of an alert.

`python -m tests.e2e.latency --json FILE --minutes 3` starts an installation of its own on an RTSP camera that plays the
street clip round and round, and one browser on it. All clocks are this machine's.
"""

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import Page, sync_playwright

from inference.commands.machine import describe_machine
from tests.e2e.conftest import ARGUMENTS, CHROMIUM, sign_in
from tests.rtsp_server import rtsp_server
from tests.stack import Stack, running_stack
from tests.street_clip import write_street_clip

# A page's own socket, timed to the moment the picture is on a canvas; it acknowledges as the wall does.
WATCH = """cameras => {
  window.delays = [];
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d");
  const socket = new WebSocket(new URL("/ws/live/", location.href.replace(/^http/, "ws")));
  socket.binaryType = "arraybuffer";
  socket.onopen = () => socket.send(JSON.stringify({ watch: cameras.map(camera => ({ camera })) }));
  socket.onmessage = async event => {
    if (!(event.data instanceof ArrayBuffer)) return;
    const length = new DataView(event.data).getUint32(4);
    const header = JSON.parse(new TextDecoder().decode(new Uint8Array(event.data, 8, length)));
    const picture = await createImageBitmap(new Blob([new Uint8Array(event.data, 8 + length)], { type: "image/jpeg" }));
    canvas.width = picture.width; canvas.height = picture.height;
    context.drawImage(picture, 0, 0);
    context.getImageData(0, 0, 1, 1);
    const now = Date.now(), captured = Date.parse(header.captured_at);
    window.delays.push([Date.parse(header.masked_at) - captured, now - captured]);
    socket.send(JSON.stringify({ shown: new DataView(event.data).getUint32(0) }));
  };
}"""
LISTEN = """() => {
  window.arrivals = {};
  const note = row => { window.arrivals[row.dataset.alert] ??= Date.now(); };
  document.querySelectorAll("[data-row]").forEach(row => { window.arrivals[row.dataset.alert] = 0; });
  new MutationObserver(changes => changes.forEach(change => change.addedNodes.forEach(node => {
    if (node.nodeType === 1 && node.matches("[data-row]")) note(node);
  }))).observe(document.querySelector("[data-queue]"), { childList: true });
}"""


def quantile(values: list[float], share: float) -> float:
    """Return the value below which `share` of the values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def measure_live(page: Page, camera: int, seconds: float) -> dict[str, float]:
    """Return capture to masked and capture to canvas, milliseconds."""
    page.evaluate(WATCH, [camera])
    page.wait_for_timeout(5000)
    page.evaluate("window.delays.length = 0")
    page.wait_for_timeout(seconds * 1000)
    return live_delays(page.evaluate("window.delays"))


def live_delays(delays: list[list[float]]) -> dict[str, float]:
    """Return the figures of pairs of capture to masked and capture to canvas, milliseconds."""
    if not delays:
        raise SystemExit("No live frame arrived.")
    masked, shown = [each[0] for each in delays], [each[1] for each in delays]
    return {
        "live_frames": len(delays),
        "live_capture_to_masked_ms_p50": median(masked),
        "live_capture_to_masked_ms_p95": quantile(masked, 0.95),
        "live_capture_to_canvas_ms_p50": median(shown),
        "live_capture_to_canvas_ms_p95": quantile(shown, 0.95),
    }


def measure_alerts(page: Page, stack: Stack, minutes: float) -> dict[str, float]:
    """Return onset (as the detector dates it) to stored, stored to screen, and both, milliseconds."""
    page.goto(f"{stack.url}/alerts/")
    page.evaluate(LISTEN)
    ends_s = time.monotonic() + minutes * 60
    while time.monotonic() < ends_s:
        page.wait_for_timeout(1000)
    return alert_delays(page, stack)


def alert_delays(page: Page, stack: Stack) -> dict[str, float]:
    """Return the figures of the alerts that a page has listened to."""
    arrivals = {int(key): at for key, at in page.evaluate("window.arrivals").items() if at}
    rows = stack.query(
        "SELECT id, extract(epoch FROM started_at) * 1000, extract(epoch FROM raised_at) * 1000 FROM alerts_alert"
    )
    stages = [(float(raised - onset), arrivals[pk] - float(raised)) for pk, onset, raised in rows if pk in arrivals]
    if not stages:
        raise SystemExit("No alert arrived.")
    stored, pushed, whole = [s for s, _ in stages], [p for _, p in stages], [s + p for s, p in stages]
    return {
        "alerts": len(stages),
        "alert_onset_to_stored_ms_p50": median(stored),
        "alert_onset_to_stored_ms_p95": quantile(stored, 0.95),
        "alert_stored_to_screen_ms_p50": median(pushed),
        "alert_stored_to_screen_ms_p95": quantile(pushed, 0.95),
        "alert_onset_to_screen_ms_p50": median(whole),
        "alert_onset_to_screen_ms_p95": quantile(whole, 0.95),
    }


def main() -> None:
    """Run it and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, help="write the figures here")
    parser.add_argument("--minutes", type=float, default=3.0, help="how long to collect alerts")
    options = parser.parse_args()
    if CHROMIUM is None:
        parser.error("no Chromium on this machine (apt-get install chromium)")
    clip = write_street_clip(Path(tempfile.mkdtemp(prefix="paca-clip-")) / "street.mp4")
    with rtsp_server(clip) as address, running_stack(camera=address) as stack, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page(viewport={"width": 1366, "height": 768})
        sign_in(page, stack, "operator")
        camera = int(stack.query("SELECT id FROM cameras_camera LIMIT 1")[0][0])
        figures: dict[str, Any] = {**describe_machine(), **measure_live(page, camera, 30)}
        figures |= measure_alerts(page, stack, options.minutes)
        browser.close()
    text = json.dumps(
        {key: round(value, 1) if isinstance(value, float) else value for key, value in figures.items()}, indent=1
    )
    sys.stdout.write(text + "\n")
    if options.json:
        options.json.write_text(text + "\n")


if __name__ == "__main__":
    main()
