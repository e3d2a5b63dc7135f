"""What the public page costs with hundreds of thousands of alerts in the trail, on a PostgreSQL of its own.

`python -m tests.load.transparency --alerts 300000` makes a year's trail (four entries an alert, 20 sites, 100 cameras),
counts its months, and asks for the page. Prints one line of JSON for each figure, and how PostgreSQL finds the entries
of one month and the rows of the page. The page must not read the trail: then it stops with an error.
"""

import argparse
import json
import os
import re
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

REPEATS = 40
FILL = """
INSERT INTO audit_auditentry (
    number, at, action, verb, actor_id, request_id, subject, site_id, body, previous_hash, hash
)
SELECT 4 * (i - 1) + k, at, action, verb, NULL, gen_random_uuid(), 'alert:' || i, site_id,
    json_build_object('action', action, 'actor', NULL, 'at', at, 'details',
        json_build_object('decision', 4 * i + k, 'after_s', 5 + h %% 600, 'model', 'paca-detect-1'),
        'number', 4 * (i - 1) + k, 'role', 'system', 'site', site_id, 'subject', 'alert:' || i)::text,
    repeat(md5(i::text), 2), repeat(md5((i + 1)::text), 2)
FROM (
    SELECT i, k, h, 1 + h %% %(sites)s + %(first_site)s - 1 AS site_id,
        now() - (%(count)s - i) * (365 * interval '1 day' / %(count)s) + k * interval '10 s' AS at,
        CASE k WHEN 1 THEN 'alert.raised' WHEN 2 THEN 'alert.viewed' WHEN 3 THEN 'alert.clip-viewed'
            ELSE (ARRAY['alert.confirmed', 'alert.dismissed', 'alert.dismissed', 'alert.escalated'])[1 + h %% 4]
        END AS action,
        CASE k WHEN 1 THEN 'collection' WHEN 4 THEN 'alteration' ELSE 'consultation' END AS verb
    FROM generate_series(%(low)s::bigint, %(high)s::bigint) AS i, generate_series(1, 4) AS k,
        LATERAL (SELECT hashint8(i) & 2147483647 AS h) AS drawn
    ORDER BY i, k
) AS made
"""
CHUNK = 100_000


def _tell(**facts: Any) -> None:
    print(json.dumps(facts), flush=True)  # noqa: T201


def _prepare(count: int) -> None:
    from django.core.management import call_command
    from django.db import connection

    from cameras.models import Camera, RetentionPolicy, Site

    call_command("migrate", verbosity=0)
    place = {"latitude": 58.0, "longitude": 8.0}
    sites = [Site.objects.create(name=f"Site {n}", slug=f"site-{n}", **place) for n in range(20)]
    policy = RetentionPolicy.objects.create(
        name="load", masked_hours=24, clip_days=7, alert_days=400, legal_basis="made for a measurement"
    )
    Camera.objects.bulk_create(
        Camera(
            site=sites[n % 20], name=f"Camera {n}", address="rtsp://127.0.0.1:1/x",
            retention=policy, purpose="x", **place,
        )
        for n in range(100)
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("UPDATE cameras_camera SET created_at = now() - interval '400 days'")
        for low in range(1, count + 1, CHUNK):
            values = {"count": count, "sites": 20, "first_site": sites[0].pk, "low": low}
            cursor.execute(FILL, {**values, "high": min(low + CHUNK - 1, count)})
        cursor.execute("VACUUM (ANALYZE) audit_auditentry")
        cursor.execute("SELECT pg_total_relation_size('audit_auditentry'), pg_relation_size('audit_at_brin')")
        table, index = cursor.fetchone()
    _tell(what="trail", entries=4 * count, table_mb=round(table / 1e6), brin_kb=round(index / 1e3))


def _plan(what: str, sql: str, parameters: Any = ()) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, COSTS OFF, TIMING OFF, SUMMARY OFF) {sql}", parameters)
        lines = [line for (line,) in cursor.fetchall()]
    buffers = next((line.strip() for line in lines if "Buffers" in line), "")
    nodes = [re.sub(r"\s*\(actual.*", "", line).strip() for line in lines if re.search(r"Scan| on ", line)]
    _tell(what=what, found_by=nodes[:3], buffers=buffers)


def measure() -> None:
    """Count the months, then ask for the page.

    Raises:
        RuntimeError: the page asked the trail for something.
    """
    from django.db import connection
    from django.test.utils import CaptureQueriesContext
    from django.utils import timezone

    from paca_site.oversight.counting import count_month
    from paca_site.oversight.monthly.models import CountedMonth
    from paca_site.oversight.monthly.services import months_count
    from paca_site.oversight.page import transparency_html

    now = timezone.now()
    took_s: list[float] = []
    began_s, worked_s = time.perf_counter(), time.process_time()
    counted = months_count(now)
    _tell(
        what="all finished months are counted, once",
        months=counted,
        s=round(time.perf_counter() - began_s, 1),
        python_cpu_s=round(time.process_time() - worked_s, 1),
    )
    month = CountedMonth.objects.order_by("-entries")[0]
    with CaptureQueriesContext(connection) as asked:
        began_s = time.perf_counter()
        count_month(month.start, month.start.replace(day=28))
        _tell(what="28 days of the busiest month", entries=month.entries, s=round(time.perf_counter() - began_s, 2))
    for query in asked.captured_queries:
        if "audit_auditentry" in query["sql"]:
            sql = re.sub(r"^DECLARE .*? CURSOR .*? FOR ", "", query["sql"])
            _plan("entries of one month", sql)
    transparency_html(address=str, now=now)
    worked_s = time.process_time()
    for _ in range(REPEATS):
        with CaptureQueriesContext(connection) as asked:
            began_s = time.perf_counter()
            transparency_html(address=str, now=now)
            took_s.append(1000 * (time.perf_counter() - began_s))
    worked_ms = 1000 * (time.process_time() - worked_s) / REPEATS
    if any("audit_auditentry" in query["sql"] for query in asked.captured_queries):
        raise RuntimeError("The page asked the trail for something; it must read counted months only.")
    took_s.sort()
    _tell(
        what="the page",
        p50_ms=round(statistics.median(took_s), 1),
        p95_ms=round(took_s[int(0.95 * (len(took_s) - 1))], 1),
        python_cpu_ms=round(worked_ms, 1),
        queries=len(asked),
        queries_ms=round(1000 * sum(float(query["time"]) for query in asked.captured_queries), 1),
    )
    for query in asked.captured_queries:
        if "monthly_" in query["sql"]:
            _plan("counted months on the page", query["sql"])


def main() -> None:
    """Start the services, set Django up, fill, measure, print; delete everything."""
    from paca_site.embedded.services import run_services, service_urls

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--alerts", type=int, default=300_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="paca-load-", dir="/tmp") as temporary:
        folder = Path(temporary)
        urls = service_urls(folder)
        os.environ |= {"DATABASE_URL": urls.database_url, "REDIS_URL": urls.redis_url}
        os.environ |= {"PACA_DATA": str(folder / "data"), "PACA_REQUIRE_SECOND_FACTOR": "0", "PACA_LOG_LEVEL": "ERROR"}
        os.environ["DJANGO_SETTINGS_MODULE"] = "paca_site.settings"
        (folder / "data" / "static").mkdir(parents=True, exist_ok=True)
        with run_services(folder):
            import django
            from django.db import connections

            django.setup()
            began_s = time.perf_counter()
            _prepare(given.alerts)
            sys.stderr.write(f"{given.alerts:,} alerts are there after {time.perf_counter() - began_s:.0f} s\n")
            measure()
            connections.close_all()


if __name__ == "__main__":
    main()
