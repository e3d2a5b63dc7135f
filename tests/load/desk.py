"""How fast the desk, its lists and its clock are with millions of alerts, on a PostgreSQL of its own.

`python -m tests.load.desk --alerts 10000000` takes about 16 GB of disk below /tmp and ten minutes, and deletes
all of it; `--folder F` keeps what was made, in F, for another run. Pages are asked of Django itself, without
network, on one warm connection. Prints one line of JSON for each case; `cpu_ms` is the mean of processor time, of
Python and PostgreSQL, and says what the wall clock says where the machine is idle and the tables are in memory.
"""

import argparse
import json
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

REPEATS, FEWEST, PATIENCE_S = 40, 3, 20.0
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def _timed(name: str, call: Callable[[], Any], repeats: int = REPEATS) -> None:
    """Print how long a call takes, after one that warms up, and how many queries it makes at least and at most."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    call()
    queries: list[int] = []
    times: list[float] = []
    worked_s = _worked_s()
    enough_s = time.perf_counter() + PATIENCE_S
    while len(times) < repeats and (len(times) < FEWEST or time.perf_counter() < enough_s):
        with CaptureQueriesContext(connection) as asked:
            began_s = time.perf_counter()
            call()
            times.append(1000 * (time.perf_counter() - began_s))
        queries.append(len(asked))
    worked_ms = 1000 * (_worked_s() - worked_s) / len(times)
    times.sort()
    print(  # noqa: T201
        json.dumps(
            {
                "what": name,
                "p50_ms": round(statistics.median(times), 1),
                "p95_ms": round(times[-(-95 * len(times) // 100) - 1], 1),
                "cpu_ms": round(worked_ms, 1),
                "times": len(times),
                "queries": f"{min(queries)}" if min(queries) == max(queries) else f"{min(queries)}-{max(queries)}",
            }
        ),
        flush=True,
    )


def _worked_s() -> float:
    """Return the processor seconds of this process and of its PostgreSQL backend; others change it little."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        fields = Path(f"/proc/{cursor.fetchone()[0]}/stat").read_text().rpartition(")")[2].split()
    return time.process_time() + (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _pages(town: Any, chance: random.Random) -> dict[str, tuple[Any, Callable[[], str]]]:
    """Return who opens what; an address may be another one each time."""
    from django.utils import timezone

    from alerts.models import Alert, Decision

    newest = Decision.objects.order_by("-pk").values_list("pk", flat=True)[0]
    at_first_site = list(
        Alert.objects.filter(camera__site__name="Site 0", state="new").values_list("pk", flat=True)[:50]
    )
    today = timezone.now().date()

    def some_day() -> str:
        return (today - timedelta(days=chance.randrange(5, 360))).isoformat()

    def deep() -> str:
        return f"/alerts/decisions/?before={chance.randrange(1, newest)}"

    everything, small = town.supervisor, town.small_site_supervisor
    listed = {
        "decisions, 20 sites": (everything, lambda: "/alerts/decisions/"),
        "decisions, some page deep in the list": (everything, deep),
        "decisions of one small site": (small, lambda: "/alerts/decisions/"),
        "decisions of one person": (everything, lambda: f"/alerts/decisions/?by={town.operator.pk}"),
        "decisions at a busy camera": (everything, lambda: f"/alerts/decisions/?camera={town.busy_camera}"),
        "decisions at a quiet camera": (everything, lambda: f"/alerts/decisions/?camera={town.quiet_camera}"),
        "decisions before a day": (everything, lambda: f"/alerts/decisions/?last_day={some_day()}"),
        "decisions of one day": (
            everything,
            lambda: "/alerts/decisions/?first_day={0}&last_day={0}".format(some_day()),
        ),
        "decisions, auditor, quiet camera, dismissed, before a day": (
            town.auditor,
            lambda: f"/alerts/decisions/?camera={town.quiet_camera}&verdict=dismiss&last_day={some_day()}",
        ),
    }
    for verdict in ("confirm", "dismiss", "escalate", "undo"):
        listed[f"decisions: {verdict}"] = (everything, partial(str.format, "/alerts/decisions/?verdict={}", verdict))
    return {
        "queue page (200 of a large site shown)": (town.operator, lambda: "/alerts/"),
        "rows of the queue": (town.operator, lambda: "/alerts/rows"),
        "queue page, 20 sites": (everything, lambda: "/alerts/"),
        "queue page, small site": (small, lambda: "/alerts/"),
        "one alert on the desk": (town.operator, lambda: f"/alerts/{chance.choice(at_first_site)}/"),
        "to log": (town.operator, lambda: "/alerts/to-log/"),
        "shelved": (town.operator, lambda: "/alerts/shelved/"),
        "load": (everything, lambda: "/load/"),
        **listed,
    }


def measure(town: Any, only: str = "") -> None:
    """Measure every page and what runs by the clock; prints as it goes."""
    from django.conf import settings
    from django.test import Client

    settings.ALLOWED_HOSTS = ["testserver"]
    chance = random.Random(6)
    clients: dict[int, Client] = {}
    for name, (person, address) in _pages(town, chance).items():
        if only not in name:
            continue
        if person.pk not in clients:
            clients[person.pk] = Client()
            clients[person.pk].force_login(person, backend=BACKEND)

        def opened(client: Client = clients[person.pk], address: Callable[[], str] = address) -> None:
            answer = client.get(address())
            if answer.status_code != 200:
                raise SystemExit(f"{address()} answers {answer.status_code}, expected 200.")

        _timed(name, opened)
    for name, call in _clockwork(town).items():
        if only in name:
            _timed(name, call, repeats=10)


def _clockwork(town: Any) -> dict[str, Callable[[], Any]]:
    """Return what runs every few seconds, and what a worker does for a new event."""
    from alerts.services.calling import alerts_call_overdue
    from alerts.services.claiming import claims_expire
    from alerts.services.flooding import floods_check
    from alerts.services.raising import alert_raise
    from alerts.services.shelving import shelves_end_overdue
    from alerts.sharing.services import shares_end
    from inference.services.clips import clips_missing
    from inference.services.events import events_close_stale
    from tests.cast import make_report

    return {
        "clock: claims that ran out": claims_expire,
        "clock: shelves": shelves_end_overdue,
        "clock: whom to call": alerts_call_overdue,
        "clock: floods": floods_check,
        "clock: shares": shares_end,
        "clock: events that fell silent": events_close_stale,
        "clock: clips that are missing": clips_missing,
        "a new alert is stored and pushed": lambda: alert_raise(camera_id=town.busy_camera, report=make_report()),
    }


def _prepare(count: int) -> Any:
    """Make what is not there yet. Returns who works there."""
    from django.core.management import call_command

    from alerts.models import Alert
    from tests.load.alerts import fill, known_town, make_town

    call_command("migrate", verbosity=0)
    if Alert.objects.exists():
        return known_town()
    town = make_town(1000)
    fill(count)
    return town


def main() -> None:
    """Start the services, set Django up, fill, measure, print; delete everything."""
    from paca_site.embedded.services import run_services, service_urls

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--alerts", type=int, default=10_000_000)
    parser.add_argument("--folder", type=Path, help="keep what is made here; short, as socket paths must be")
    parser.add_argument("--only", default="", help="measure only what has this in its name")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="paca-load-", dir="/tmp") as temporary:
        folder = given.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        urls = service_urls(folder)
        os.environ |= {"DATABASE_URL": urls.database_url, "REDIS_URL": urls.redis_url}
        os.environ |= {"PACA_DATA": str(folder / "data"), "PACA_REQUIRE_SECOND_FACTOR": "0", "PACA_LOG_LEVEL": "ERROR"}
        os.environ["DJANGO_SETTINGS_MODULE"] = "paca_site.settings"
        (folder / "data" / "static").mkdir(parents=True, exist_ok=True)
        with run_services(folder):
            import django
            from django.db import connections

            from paca_site.heap import heap_settle

            django.setup()
            began_s = time.perf_counter()
            town = _prepare(given.alerts)
            sys.stderr.write(f"{given.alerts:,} alerts are there after {time.perf_counter() - began_s:.0f} s\n")
            heap_settle()  # as the web process does
            measure(town, given.only)
            connections.close_all()


if __name__ == "__main__":
    main()
