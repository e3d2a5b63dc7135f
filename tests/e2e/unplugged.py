"""A camera box whose wire is pulled out while a crowd runs apart: what its server knows afterwards, and when.

`python -m tests.e2e.unplugged --minutes 10`. The box lives apart (`tests/e2e/apart.py`; root, `ip`); its street has an
incident every 44 s. Prints JSON; ends with 1 if an alert of the time without a wire is missing, doubled, out of order
or wrongly timed, or if something was recorded of it.
"""

import argparse
import itertools
import json
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.e2e.apart import SERVER_ADDRESS, apart
from tests.e2e.modalities import in_stack, write_film
from tests.e2e.test_box import Box, alerts
from tests.stack import Stack, running_stack, wait_for

MARGIN = timedelta(seconds=20)
"""An event that begins so shortly before the wire comes back may be told while it goes on."""


def run(minutes: float, folder: Path) -> dict[str, Any]:
    """Run a box, pull its wire for some minutes, plug it in; return what became known."""
    film = folder / "film.mp4"
    write_film(film)
    with running_stack(PACA_ALLOWED_HOSTS=f"localhost,127.0.0.1,{SERVER_ADDRESS}") as stack:
        house = in_stack(stack, "tests.e2e.box_in_stack")
        with apart(folder, int(stack.url.rpartition(":")[2])) as place:
            box = Box(folder / "box", stack, house, film, place)
            box.enrol()
            box.start()
            try:
                wait_for("a first alert", lambda: alerts(stack, house["edge"]), 200)
                place.pull()
                pulled_at = datetime.now(UTC)
                time.sleep(minutes * 60)
                waiting = box.waiting(pulled_at)
                plugged_at = datetime.now(UTC)
                place.plug()
                began_s = time.monotonic()
                edge = house["edge"]
                wait_for("the events", lambda: waiting <= {row[0] for row in alerts(stack, edge)}, 180)
                told_after_s = time.monotonic() - began_s
                wait_for("an empty outbox", lambda: not box.waiting(), 120)
            finally:
                box.end()
            return judged(stack, house, waiting, (pulled_at, plugged_at), round(told_after_s, 1))


def judged(
    stack: Stack, house: dict[str, Any], waiting: set[str], away: tuple[datetime, datetime], told_after_s: float
) -> dict[str, Any]:
    """Compare what the server knows with what happened while the wire was out."""
    pulled_at, plugged_at = away
    rows = alerts(stack, house["edge"])
    of_then = [row for row in rows if pulled_at < row[1] < plugged_at - MARGIN]
    late = [row for row in of_then if row[2] >= plugged_at]
    recorded = stack.query(
        "SELECT count(*) FROM cameras_segment WHERE camera_id = %s AND started_at BETWEEN %s AND %s",
        house["hybrid"], pulled_at + MARGIN, plugged_at - MARGIN,
    )  # fmt: skip
    raised = [row[2] for row in sorted(late, key=lambda row: row[1])]
    return {
        "minutes_without_wire": round((plugged_at - pulled_at).total_seconds() / 60, 2),
        "events_waiting_on_the_box": len(waiting),
        "alerts_that_began_then": len(of_then),
        "of_them_told_after_the_wire_was_back": len(late),
        "all_told_after_s": told_after_s,
        "doubled": len(rows) - len({row[0] for row in rows}),
        "in_order": raised == sorted(raised),
        "hybrid_recordings_of_then": recorded[0][0],
        "seconds_apart": [round((b[1] - a[1]).total_seconds(), 1) for a, b in itertools.pairwise(of_then)],
    }


def main() -> None:
    """Run and report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10.0)
    with tempfile.TemporaryDirectory(prefix="paca-unplugged-", dir="/tmp") as folder:
        found = run(parser.parse_args().minutes, Path(folder))
    sys.stdout.write(json.dumps(found, indent=1) + "\n")
    is_sound = (
        found["events_waiting_on_the_box"] > 0
        and found["alerts_that_began_then"] == found["of_them_told_after_the_wire_was_back"] > 0
        and not found["doubled"]
        and found["in_order"]
        and not found["hybrid_recordings_of_then"]
    )
    raise SystemExit(not is_sound)


if __name__ == "__main__":
    main()
