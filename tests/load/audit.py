"""How many entries a second the audit trail takes, and what others wait meanwhile, on a PostgreSQL of its own.

`python -m tests.load.audit --seconds 30 --writers 8` starts services in a temporary folder. Each writer is a process
with its own connection that changes a row of its own and writes an entry, in one transaction, as services do; then
each only writes entries, as pages do that somebody looks at. Beside them another process makes unrelated writes (no
entry), first alone, then with the writers. Prints JSON.
"""

import argparse
import json
import multiprocessing
import os
import statistics
import tempfile
import time
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any


def _setup() -> None:
    import django

    django.setup()


def write_entries(
    number: int, is_change: bool, go: Event, stop: Event, told: "multiprocessing.Queue[tuple[str, Any]]"
) -> None:
    """Write until told to stop, with a change in the same transaction or alone; tell how long each took."""
    _setup()
    from django.db import transaction

    from paca_site.accounts.models import User
    from paca_site.audit.services import audit_record, audit_record_now

    person = User.objects.get(username=f"writer-{number}")
    told.put(("ready", number))
    go.wait()
    took_s: list[float] = []
    while not stop.is_set():
        entry: dict[str, Any] = {"action": "alert.viewed", "actor": person, "subject": f"alert:{len(took_s)}"}
        began_s = time.perf_counter()
        if is_change:
            with transaction.atomic():
                User.objects.filter(pk=person.pk).update(first_name=f"Turn {len(took_s)}")
                audit_record(**entry, details={"model": "paca-detect-1"})
        else:
            audit_record_now(**entry, details={"model": "paca-detect-1"})
        took_s.append(time.perf_counter() - began_s)
    told.put(("entries", took_s))


def write_others(go: Event, stop: Event, told: "multiprocessing.Queue[tuple[str, Any]]") -> None:
    """Make writes that need no entry, 50 a second at most, as workers do; tell how long each took."""
    _setup()
    from cameras.models import Site

    site = Site.objects.earliest("pk")
    told.put(("ready", -1))
    go.wait()
    took_s: list[float] = []
    while not stop.is_set():
        began_s = time.perf_counter()
        Site.objects.filter(pk=site.pk).update(name=f"Site {len(took_s)}")
        took_s.append(time.perf_counter() - began_s)
        time.sleep(0.02)
    told.put(("others", took_s))


def spread_ms(took_s: list[float]) -> dict[str, float]:
    """Return median, 95th percentile and longest, in milliseconds."""
    ordered = sorted(took_s)
    return {
        "p50": round(1000 * statistics.median(ordered), 2),
        "p95": round(1000 * ordered[int(0.95 * (len(ordered) - 1))], 2),
        "longest": round(1000 * ordered[-1], 1),
    }


def run(writers: int, seconds: float, *, is_change: bool = True) -> dict[str, list[float]]:
    """Run so many writers beside the unrelated one. Returns the times of each kind."""
    context = multiprocessing.get_context("spawn")
    go, stop, told = context.Event(), context.Event(), context.Queue()
    processes = [context.Process(target=write_entries, args=(n, is_change, go, stop, told)) for n in range(writers)]
    processes.append(context.Process(target=write_others, args=(go, stop, told)))
    for process in processes:
        process.start()
    for _ in processes:
        told.get(timeout=60)
    go.set()
    time.sleep(seconds)
    stop.set()
    found: dict[str, list[float]] = {"entries": [], "others": []}
    for _ in processes:
        kind, took_s = told.get(timeout=60)
        found[kind] += took_s
    for process in processes:
        process.join()
    return found


def measure(writers: int, seconds: float) -> dict[str, Any]:
    """Measure without writers, with one, with all, and with all only looking; then verify the chain that they made."""
    from paca_site.accounts.models import Role, User
    from paca_site.audit.models import AuditEntry
    from paca_site.audit.verification import trail_verify
    from tests.cast import make_site

    make_site()
    for number in range(writers):
        User.objects.create_user(username=f"writer-{number}", role=Role.OPERATOR)
    report: dict[str, Any] = {"writers": writers, "seconds": seconds}
    report["others_alone_ms"] = spread_ms(run(0, min(seconds, 5.0))["others"])
    for name, count, is_change in (
        ("one_writer", 1, True),
        ("all_writers", writers, True),
        ("all_looking", writers, False),
    ):
        found = run(count, seconds, is_change=is_change)
        report[name] = {
            "entries_per_s": round(len(found["entries"]) / seconds),
            "entry_ms": spread_ms(found["entries"]),
            "others_ms": spread_ms(found["others"]),
        }
    entries = AuditEntry.objects.count()
    began_s = time.perf_counter()
    faults = trail_verify().chain.faults
    report["verified"] = {"entries": entries, "faults": len(faults), "s": round(time.perf_counter() - began_s, 1)}
    return report


def main() -> None:
    """Start the services, set Django up, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--writers", type=int, default=8)
    given = parser.parse_args()
    from paca_site.embedded.services import run_services, service_urls

    with tempfile.TemporaryDirectory(prefix="paca-load-", dir="/tmp") as name:  # short, as socket paths must be
        folder = Path(name)
        urls = service_urls(folder)
        os.environ |= {
            "DATABASE_URL": urls.database_url,
            "REDIS_URL": urls.redis_url,
            "PACA_DATA": str(folder / "data"),
            "DJANGO_SETTINGS_MODULE": "paca_site.settings",
        }
        with run_services(folder, is_durable=True):
            from django.core.management import call_command
            from django.db import connections

            _setup()
            call_command("migrate", verbosity=0)
            print(json.dumps(measure(given.writers, given.seconds), indent=1))  # noqa: T201
            connections.close_all()


if __name__ == "__main__":
    main()
