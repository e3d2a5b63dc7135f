"""What the gate "may this camera run" costs for all cameras at once, as the dispatcher asks it each second.

`python -m tests.load.gate --cameras 10000` starts PostgreSQL and Valkey in a temporary folder and prints JSON, in
milliseconds: without any assessment, with a signed one of each kind at every site, after a setting of every hundredth
camera was changed since, and what a whole look of the dispatcher takes; each the first time and again.
"""

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any


def _ms(call: Callable[[], Any], times: int = 1) -> float:
    best = float("inf")
    for _ in range(times):
        began_s = time.perf_counter()
        call()
        best = min(best, time.perf_counter() - began_s)
    return round(1000 * best, 1)


def measure(count: int) -> dict[str, Any]:
    """Measure with `count` cameras at sites of 500."""
    from cameras.live import lease_key, valkey
    from cameras.models import Camera, Site
    from cameras.running import reasons_against
    from inference.services.dispatch import streams_ensure
    from tests.cameras.assessing.made import sign_all
    from tests.load.leases import _make_cameras

    keys = _make_cameras(count)
    held = valkey().pipeline(transaction=False)
    for pk in keys:
        held.set(lease_key(pk), "another-machine:1/x", px=600_000)
    held.execute()

    def gate() -> dict[str, float]:
        cameras = list(Camera.objects.filter(is_enabled=True).select_related("retention"))
        first = _ms(lambda: reasons_against(cameras))
        return {"first_ms": first, "again_ms": _ms(lambda: reasons_against(cameras), 3)}

    report: dict[str, Any] = {"cameras": count, "sites": Site.objects.count(), "nothing_signed": gate()}
    for site in Site.objects.all():
        sign_all(site)
    report["all_signed"] = gate()
    report["whole_look"] = {"first_ms": _ms(streams_ensure), "again_ms": _ms(streams_ensure, 3)}
    Camera.objects.filter(pk__in=keys[::100]).update(threshold_percent=35)
    report["every_hundredth_changed"] = gate()
    return report


def main() -> None:
    """Start the services, set Django up, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cameras", type=int, default=10_000)
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
        with run_services(folder):
            import django
            from django.core.management import call_command
            from django.db import connections

            django.setup()
            call_command("migrate", verbosity=0)
            print(json.dumps(measure(given.cameras), indent=1))  # noqa: T201
            connections.close_all()


if __name__ == "__main__":
    main()
