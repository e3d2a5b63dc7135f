"""Kill every process of a running demo in turn, with -9, and measure how long PACA needs to be whole again.

`python -m tests.e2e.kill_each --json FILE` starts a demo of its own, and prints the table of docs/reliability.md.
"""

import argparse
import contextlib
import json
import os
import signal
import sys
import time
import urllib.request
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import psycopg
import redis

from paca_site.embedded.layout import make_layout
from paca_site.embedded.supervision import Supervision
from tests.stack import Stack, wait_for

WITHIN_S = 60.0
PROGRAMS = ("web", "streams1", "dispatch", "default", "beat", "valkey", "postgres", "supervisord")


@dataclass(frozen=True, slots=True)
class Outcome:
    """One kill: seconds until a new process ran, until PACA was whole, and what was found afterwards."""

    program: str
    new_process_s: float
    whole_s: float
    longest_gap_s: float
    alerts_before: int
    alerts_after: int
    alerts_doubled: int


def pid_of(stack: Stack, program: str) -> int:
    """Return the process id of a program that runs now, 0 if it does not."""
    if program == "supervisord":
        path = stack.data / "run" / "supervisord.pid"
        return int(path.read_text()) if path.exists() else 0
    states = Supervision(make_layout(stack.data), [], {}).states()
    return next((state.pid for state in states if state.name == program and state.is_running), 0)


def kill_now(stack: Stack, program: str) -> int:
    """Kill a program with -9; return the process id it had."""
    victim = wait_for(f"a running {program}", lambda: pid_of(stack, program), 20)
    os.kill(victim, signal.SIGKILL)
    return victim


def is_whole(stack: Stack) -> bool:
    """Say whether web answers, and every camera has delivered a masked frame within the last 3 seconds."""
    with contextlib.suppress(OSError, psycopg.Error, redis.RedisError, KeyError, ValueError):
        with urllib.request.urlopen(f"{stack.url}/healthz", timeout=2) as answer:
            if answer.status != 200:
                return False
        redis.Redis.from_url(stack.services()["REDIS_URL"], socket_timeout=1).ping()
        fresh = stack.query(
            "SELECT count(*) FROM inference_streamstate s JOIN cameras_camera c ON c.id = s.camera_id "
            "WHERE c.is_enabled AND s.status = 'live' AND s.updated_at > now() - interval '3 seconds' "
            "AND s.last_frame_at > now() - interval '3 seconds'"
        )[0][0]
        cameras = stack.query("SELECT count(*) FROM cameras_camera WHERE is_enabled")[0][0]
        return bool(fresh == cameras)
    return False


def longest_gap_s(stack: Stack, since_s: float) -> float:
    """Return the longest stretch without masked footage that any camera had since then, by its segments."""
    rows = stack.query(
        "SELECT max(gap) FROM (SELECT extract(epoch FROM started_at - lag(coalesce(ended_at, started_at)) "
        "OVER (PARTITION BY camera_id ORDER BY started_at)) AS gap, started_at FROM cameras_segment) AS steps "
        "WHERE started_at > to_timestamp(%s)",
        since_s,
    )
    return float(rows[0][0] or 0.0)


def alerts(stack: Stack) -> tuple[int, int]:
    """Return how many alerts there are, and how many of them are there twice."""
    count, distinct = stack.query("SELECT count(*), count(DISTINCT (camera_id, event_id)) FROM alerts_alert")[0]
    return int(count), int(count - distinct)


def kill(stack: Stack, program: str) -> Outcome:
    """Kill one program and wait until everything is whole again."""
    wait_for(f"a whole system before killing {program}", lambda: is_whole(stack), 90)
    before, _ = alerts(stack)
    wall_s, started_s = time.time(), time.monotonic()
    victim = kill_now(stack, program)
    wait_for(f"a new {program}", lambda: pid_of(stack, program) not in (0, victim), WITHIN_S, 0.1)
    new_s = time.monotonic() - started_s
    # what is whole at this moment may still live on what was there before: the gap is over when it stays whole
    wait_for(f"a whole system after killing {program}", lambda: _stays_whole(lambda: is_whole(stack)), WITHIN_S, 0.1)
    whole_s = max(new_s, time.monotonic() - started_s - STAYS_S)
    time.sleep(12)
    after, doubled = alerts(stack)
    return Outcome(
        program, round(new_s, 1), round(whole_s, 1), round(longest_gap_s(stack, wall_s), 1), before, after, doubled
    )


STAYS_S = 4.0


def _stays_whole(probe: Callable[[], bool]) -> bool:
    ends_s = time.monotonic() + STAYS_S
    while time.monotonic() < ends_s:
        if not probe():
            return False
        time.sleep(0.2)
    return True


def main() -> None:
    """Run it and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, help="write the outcomes here")
    options = parser.parse_args()
    stack = Stack(is_demo=True, PACA_STREAM_WORKERS="2")
    ready_s = stack.start()
    try:
        wait_for("all demo cameras", lambda: is_whole(stack), 180)
        outcomes = [kill(stack, program) for program in PROGRAMS]
    finally:
        stopped_s = stack.stop()
    lines = [f"ready after {ready_s:.1f} s, stopped in {stopped_s:.1f} s", ""]
    lines += [
        "| killed | new process (s) | whole again (s) | longest gap in footage (s) | alerts before/after | doubled |"
    ]
    lines += ["|---|---|---|---|---|---|"]
    lines += [
        f"| {o.program} | {o.new_process_s} | {o.whole_s} | {o.longest_gap_s} | {o.alerts_before} / {o.alerts_after} "
        f"| {o.alerts_doubled} |"
        for o in outcomes
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    if options.json:
        options.json.write_text(json.dumps([asdict(outcome) for outcome in outcomes], indent=1))


if __name__ == "__main__":
    main()
