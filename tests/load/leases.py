"""Ten thousand cameras on a thousand simulated workers: the real leases on one real Valkey and one real PostgreSQL.

`python -m tests.load.leases --cameras 10000 --workers 1000` starts both in a temporary folder and prints JSON. Workers
are names with free places, driven by a few threads; claiming is `inference.leases.lease_claim` as it runs, renewing the
same script in pipelines, as one machine of two cores cannot be the clients of a thousand. What the servers need for
one operation is measured at the servers, and does not depend on that.
"""

import argparse
import json
import os
import random
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

THREADS = 3
BATCH = 250
SPARE = 1.25
"""Places of a worker, in multiples of an even share."""


class Fleet:
    """Workers: who holds what, and who has a free place. Cameras go to any worker with room, as from a queue."""

    def __init__(self, workers: int, cameras: int, seed: int) -> None:
        self.names = [f"worker-{number}" for number in range(workers)]
        self.places = max(1, round(SPARE * cameras / workers))
        self.held: dict[int, Any] = {}
        self._chance = random.Random(seed)
        self._pool = ThreadPoolExecutor(THREADS)  # threads that last, as each has a connection of its own

    def shares(self) -> Counter[str]:
        """Return how many cameras each living worker runs."""
        shares = Counter(dict.fromkeys(self.names, 0))
        shares.update(lease.owner for lease in self.held.values())
        return shares

    def free(self, count: int) -> list[str]:
        """Return `count` workers with room, drawn by chance; a worker comes up once for each free place."""
        shares = Counter(lease.owner for lease in self.held.values())
        rooms = [name for name in self.names for _ in range(self.places - shares[name])]
        return self._chance.sample(rooms, min(count, len(rooms)))

    def claim(self, cameras: list[int]) -> float:
        """Claim cameras for workers with room. Returns the seconds it took."""
        from inference.leases import RENEW_S, lease_claim

        took_s, renewed_s = 0.0, time.perf_counter()
        jobs = list(zip(cameras, self.free(len(cameras)), strict=False))
        for start in range(0, len(jobs), BATCH):
            began_s = time.perf_counter()
            claimed = list(
                self._pool.map(lambda job: lease_claim(camera_id=job[0], owner=job[1]), jobs[start : start + BATCH])
            )
            took_s += time.perf_counter() - began_s
            self.held |= {lease.camera_id: lease for lease in claimed if lease is not None}
            if time.perf_counter() - renewed_s > RENEW_S:
                self.renew()
                renewed_s = time.perf_counter()
        return took_s

    def renew(self) -> int:
        """Renew every lease once, in pipelines. Returns how many were lost to another."""
        from cameras.live import lease_key, valkey
        from inference.leases import LEASE_MS, RENEW_SCRIPT

        lost = 0
        leases = list(self.held.values())
        for start in range(0, len(leases), BATCH):
            pipe = valkey().pipeline(transaction=False)
            for lease in leases[start : start + BATCH]:
                pipe.eval(RENEW_SCRIPT, 1, lease_key(lease.camera_id), lease.token, LEASE_MS)
            lost += pipe.execute().count(0)
        return lost

    def kill(self, share: float) -> list[int]:
        """Take workers away without a word. Returns the cameras that they ran."""
        dead = set(self._chance.sample(self.names, round(share * len(self.names))))
        self.names = [name for name in self.names if name not in dead]
        orphans = [pk for pk, lease in self.held.items() if lease.owner in dead]
        for pk in orphans:
            del self.held[pk]
        return orphans


def _timed(call: Callable[[], Any]) -> float:
    began_s = time.perf_counter()
    call()
    return time.perf_counter() - began_s


def _server_us() -> dict[str, float]:
    """Return the microseconds that Valkey needs for one call, by command."""
    from cameras.live import valkey

    told = valkey().info("commandstats")
    return {name.removeprefix("cmdstat_"): round(float(values["usec_per_call"]), 1) for name, values in told.items()}


def _make_cameras(count: int) -> list[int]:
    from cameras.models import Camera, RetentionPolicy, Site

    policy = RetentionPolicy.objects.create(
        name="load", masked_hours=24, clip_days=7, alert_days=30, legal_basis="simulated"
    )
    place = {"latitude": 58.0, "longitude": 8.0}
    sites = [Site.objects.create(name=f"Site {n}", slug=f"site-{n}", **place) for n in range(max(1, count // 500))]
    cameras = [
        Camera(site=sites[n % len(sites)], name=f"C{n}", address="rtsp://127.0.0.1:1/x", retention=policy, **place)
        for n in range(count)
    ]
    return [camera.pk for camera in Camera.objects.bulk_create(cameras, batch_size=1000)]


def _take_over(fleet: Fleet, share: float) -> dict[str, float]:
    """Kill workers, go on renewing and dispatching as the line does, until every camera runs again."""
    from cameras.live import lease_key, valkey
    from inference.leases import RENEW_S

    orphans = fleet.kill(share)
    began_s = time.perf_counter()
    renewed_s, looked_s, times = began_s, began_s, []
    waiting = set(orphans)
    while waiting:
        now_s = time.perf_counter()
        if now_s - renewed_s >= RENEW_S:
            renewed_s = now_s
            fleet.renew()
        if now_s - looked_s >= 1.0:
            looked_s = now_s
            asked = sorted(waiting)
            idle = [
                pk for pk, held in zip(asked, valkey().mget([lease_key(pk) for pk in asked]), strict=True) if not held
            ]
            fleet.claim(idle)
            taken = [pk for pk in idle if pk in fleet.held]
            waiting.difference_update(taken)
            times += [time.perf_counter() - began_s] * len(taken)
        time.sleep(0.01)
    times.sort()
    return {
        "orphans": len(orphans),
        "first_s": round(times[0], 2),
        "median_s": round(times[len(times) // 2], 2),
        "last_s": round(times[-1], 2),
    }


def _evenness(counts: Iterable[int]) -> dict[str, float]:
    shares = sorted(counts)
    return {"fewest": shares[0], "mean": round(sum(shares) / len(shares), 1), "most": shares[-1]}


def measure(cameras: int, workers: int, seed: int = 1) -> dict[str, Any]:
    """Run the simulation against the services that the environment names. Returns flat figures and small groups."""
    from cameras.live import lease_key, valkey
    from cameras.models import Camera
    from cameras.running import reasons_against

    keys = _make_cameras(cameras)
    fleet = Fleet(workers, cameras, seed)
    claiming_s = fleet.claim(keys)
    valkey().config_resetstat()
    renewing_s = _timed(fleet.renew)
    asking_s = _timed(lambda: valkey().mget([lease_key(pk) for pk in keys]))
    server = _server_us()
    before = _evenness(fleet.shares().values())
    loaded = list(Camera.objects.filter(is_enabled=True).select_related("retention"))
    gate_s = _timed(lambda: reasons_against(loaded))
    fleet.claim([pk for pk in keys if pk not in fleet.held or not valkey().exists(lease_key(pk))])
    fleet.renew()  # asking the gate may have taken longer than a lease lasts
    after_loss = _take_over(fleet, 0.1)
    return {
        "cameras": cameras,
        "workers": workers,
        "claims_per_s": round(cameras / claiming_s),
        "renewals_per_s_by_one_client": round(cameras / renewing_s),
        "valkey_us": {name: server[name] for name in ("eval", "mget") if name in server},
        "dispatch_mget_ms": round(1000 * asking_s, 1),
        "dispatch_gate_ms": round(1000 * gate_s),
        "shares": before,
        "loss_of_a_tenth": after_loss,
        "shares_after": _evenness(fleet.shares().values()),
    }


def main() -> None:
    """Start the services, set Django up, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cameras", type=int, default=10_000)
    parser.add_argument("--workers", type=int, default=1_000)
    given = parser.parse_args()
    from paca_site.embedded.services import run_services, service_urls

    with tempfile.TemporaryDirectory(prefix="paca-load-", dir="/tmp") as name:  # short, as socket paths must be
        folder = Path(name)
        urls = service_urls(folder)
        os.environ |= {
            "DATABASE_URL": urls.database_url,
            "REDIS_URL": urls.redis_url,
            "PACA_DATA": str(folder / "data"),
        }
        os.environ["DJANGO_SETTINGS_MODULE"] = "paca_site.settings"
        with run_services(folder):
            import django
            from django.core.management import call_command
            from django.db import connections

            django.setup()
            call_command("migrate", verbosity=0)
            print(json.dumps(measure(given.cameras, given.workers), indent=1))  # noqa: T201
            connections.close_all()


if __name__ == "__main__":
    main()
