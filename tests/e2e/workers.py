"""Workers that come, go and die, with real processes: who runs what, how long nobody did, whether anything is double.

`python -m tests.e2e.workers --json FILE` starts an installation with two stream workers and six RTSP cameras at 2
frames per second, and measures until shares are even; after `kill -9` of a worker; until shares are even again; and,
for a worker that is told to stop (SIGTERM), the longest gap in any camera's footage.
"""

import argparse
import json
import os
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from tests.e2e.kill_each import alerts, is_whole, longest_gap_s, pid_of
from tests.rtsp_server import RtspServer
from tests.stack import Stack, wait_for
from tests.street_clip import write_street_clip

CAMERAS: Final = 6
PATIENCE_S: Final = 150.0
"""What is waited for at most, also on a machine that does other things; the figures tell how long it took."""
SETTLE_S: Final = 14.0
"""Longer than a segment: what was recorded at a change has its row by then."""


def add_cameras(stack: Stack, count: int, frames_per_second: int = 2) -> None:
    """Copy the installation's camera until there are `count`, with the trial period of a new one."""
    rows = stack.query(
        "SELECT column_name FROM information_schema.columns WHERE table_name = 'cameras_camera'"
        " AND column_name NOT IN ('id', 'name') AND is_generated = 'NEVER'"
    )
    columns = ", ".join(f'"{name}"' for (name,) in rows)
    stack.query("UPDATE cameras_camera SET frames_per_second = %s RETURNING id", frames_per_second)
    for number in range(1, count):
        stack.query(
            f"INSERT INTO cameras_camera ({columns}, name) SELECT {columns}, %s FROM cameras_camera"
            " ORDER BY id LIMIT 1 RETURNING id",
            f"Copy {number}",
        )
    stack.query(
        "INSERT INTO assessing_trialperiod (camera_id, until)"
        " SELECT id, now() + interval '7 days' FROM cameras_camera c"
        " WHERE NOT EXISTS (SELECT 1 FROM assessing_trialperiod t WHERE t.camera_id = c.id) RETURNING camera_id"
    )


def shares(stack: Stack) -> Counter[int]:
    """Return how many cameras each living worker process runs, by process id."""
    rows = stack.query(
        "SELECT w.process, (SELECT count(*) FROM inference_streamstate s WHERE s.owner = w.host || ':' || w.process)"
        " FROM inference_workerstate w WHERE w.queues ? 'streams' AND w.stopped_at IS NULL"
        " AND w.seen_at > now() - interval '6 seconds'"
    )
    return Counter(dict(rows))


def is_even(stack: Stack) -> bool:
    """Say whether two workers run all cameras, and none more than one camera more than another."""
    found = shares(stack)
    return len(found) == 2 and sum(found.values()) == CAMERAS and max(found.values()) - min(found.values()) <= 1


def overlaps(stack: Stack) -> int:
    """Return how many segments of one camera begin before the one before them ended."""
    return int(
        stack.query(
            "SELECT count(*) FROM (SELECT started_at, lag(ended_at) OVER (PARTITION BY camera_id ORDER BY started_at)"
            " AS before FROM cameras_segment) AS steps WHERE started_at < before"
        )[0][0]
    )


def _took(what: str, probe: Callable[[], Any], within_s: float) -> float:
    began_s = time.monotonic()
    wait_for(what, probe, within_s, 0.1)
    return round(time.monotonic() - began_s, 1)


def _all_run(stack: Stack, without: int) -> bool:
    rows = stack.query("SELECT owner, status, last_frame_at > now() - interval '3 seconds' FROM inference_streamstate")
    return len(rows) == CAMERAS and all(
        status == "live" and is_fresh and not owner.endswith(f":{without}") for owner, status, is_fresh in rows
    )


def measure(stack: Stack) -> dict[str, Any]:
    """Kill a worker, let shares even out, tell a worker to stop; return what was seen."""
    wait_for("all cameras", lambda: is_whole(stack), PATIENCE_S)
    report: dict[str, Any] = {"even_at_first_s": _took("even shares", lambda: is_even(stack), PATIENCE_S)}
    time.sleep(SETTLE_S)

    victim, killed_s = pid_of(stack, "streams1"), time.time()
    report["cameras_of_the_killed"] = shares(stack)[victim]
    os.kill(victim, signal.SIGKILL)
    report["all_elsewhere_after_kill_s"] = _took("all cameras elsewhere", lambda: _all_run(stack, victim), PATIENCE_S)
    wait_for("two workers", lambda: len(shares(stack)) == 2, PATIENCE_S)
    report["even_after_join_s"] = _took("even shares again", lambda: is_even(stack), PATIENCE_S)
    time.sleep(SETTLE_S)
    report["gap_after_kill_s"] = round(longest_gap_s(stack, killed_s), 1)

    leaver, told_s = pid_of(stack, "streams2"), time.time()
    report["cameras_of_the_leaver"] = shares(stack)[leaver]
    os.kill(leaver, signal.SIGTERM)
    report["all_elsewhere_after_term_s"] = _took("all cameras elsewhere", lambda: _all_run(stack, leaver), PATIENCE_S)
    report["even_after_replacement_s"] = _took("even shares once more", lambda: is_even(stack), PATIENCE_S)
    time.sleep(SETTLE_S)
    report["gap_after_term_s"] = round(longest_gap_s(stack, told_s), 1)
    report["segments_overlapping"] = overlaps(stack)
    count, doubled = alerts(stack)
    return report | {"alerts": count, "alerts_doubled": doubled}


def run() -> dict[str, Any]:
    """Start everything, measure, stop."""
    with tempfile.TemporaryDirectory(prefix="paca-workers-") as name:
        clip = write_street_clip(Path(name) / "street.mp4")
        server = RtspServer(clip.parent)
        server.start()
        stack = Stack(camera=server.url(clip.name), PACA_STREAM_WORKERS="2")
        try:
            stack.start(within_s=240)
            add_cameras(stack, CAMERAS)
            return measure(stack)
        except BaseException:
            for path in sorted((stack.data / "log").glob("streams*.log")):
                sys.stderr.write(f"--- {path.name}\n{path.read_text(errors='replace')[-6000:]}\n")
            raise
        finally:
            stopped_s = stack.stop()
            sys.stderr.write(f"stopped in {stopped_s:.1f} s\n")
            server.kill()


def main() -> None:
    """Run it and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, help="write the figures here")
    given = parser.parse_args()
    text = json.dumps(run(), indent=1)
    sys.stdout.write(text + "\n")
    if given.json:
        given.json.write_text(text + "\n")


if __name__ == "__main__":
    main()
