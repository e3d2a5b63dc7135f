"""Ten million alerts with their decisions, made by PostgreSQL itself: what some years of a large installation leave.

Twenty sites of very different size, a thousand cameras of which few raise most, ten operators each. Nearly all alerts
are decided; some hundreds at each large site are open, shelved, or wait for a word on what was done.
"""

import sys
import time
from dataclasses import dataclass
from typing import Any

from django.db import connection

from cameras.models import Camera, RetentionPolicy, Site
from paca_site.accounts.models import Role, SiteScope, User

SITES, OPERATORS = 20, 10
SPAN_DAYS = 365
CHUNK = 500_000
OPEN = 3000
"""Of the newest alerts; 60 % of them are decided already."""
FILLED = ("alerts_incident", "alerts_alert", "alerts_decision")

ALERTS = """
INSERT INTO alerts_alert (
    id, camera_id, event_id, state, severity, kind, sentence, facts, confidence, score, threshold, started_at, peak_at,
    ended_at, is_end_assumed, raised_at, reported_at, region, regions, scores, masker, detector, clip_state, clip_path,
    poster_path, clip_started_at, clip_duration_s, incident_id, shelf_id, shelved_until, claimed_by_id, claimed_at,
    claimed_until, due_at, call_level, closed_at, is_seeded
)
SELECT i, camera, 'load-' || i, state, 1 + (confidence >= 50)::int + (confidence >= 80)::int,
    (ARRAY['unusual-movement', 'person-on-ground', 'crowd-dispersing', 'fast-movement'])[1 + (h %% 4)],
    'Several people moving fast in different directions; ' || 2 + h %% 9 || ' people; 12 s',
    '{"people": 4, "duration_s": 12}', confidence, confidence / 100, 0.5, raised - interval '4 s', raised,
    raised + interval '8 s', false, raised, raised + interval '8 s',
    '[[0.2, 0.2], [0.6, 0.2], [0.6, 0.8], [0.2, 0.8]]',
    '[[0, [[0.2, 0.2], [0.6, 0.2], [0.6, 0.8]]], [4, [[0.3, 0.2], [0.7, 0.2], [0.7, 0.8]]]]',
    '[[0, 0.2], [2, 0.5], [4, 0.7], [6, 0.6], [8, 0.3]]', 'load@1', 'load@1',
    CASE WHEN is_recent THEN 'ready' ELSE 'purged' END, CASE WHEN is_recent THEN 'clips/' || i || '.mp4' ELSE '' END,
    CASE WHEN is_recent THEN 'clips/' || i || '.jpg' ELSE '' END, raised - interval '7 s', 14, %(first)s + i / 3, NULL,
    NULL, NULL, NULL, NULL, NULL, 0,
    CASE WHEN state = 'confirmed' AND (i < %(count)s - 20000 OR h %% 5 > 0) THEN raised + interval '10 min' END, false
FROM (
    SELECT i, h, (%(cameras)s::bigint[])[1 + floor(%(many)s * u * u * u)::int] AS camera, raised,
        40 + (h %% 600) / 10.0 AS confidence, raised > now() - interval '7 days' AS is_recent,
        CASE WHEN i > %(count)s - %(open)s AND h %% 10 < 4 THEN CASE WHEN h %% 50 = 0 THEN 'escalated' ELSE 'new' END
             WHEN (h / 7) %% 10 < 3 THEN 'confirmed' ELSE 'dismissed' END AS state
    FROM (
        SELECT i, (hashint8(i) & 2147483647) AS h, (hashint8(i / 3) & 2147483647) / 2147483648.0 AS u,
            now() - (%(count)s - i) * (%(days)s * interval '1 day' / %(count)s) AS raised
        FROM generate_series(%(low)s::bigint, %(high)s::bigint) AS i
    ) AS drawn
) AS made
"""
DECISIONS = """
INSERT INTO alerts_decision (
    id, alert_id, camera_id, verdict, reason, note, by_id, role, at, after_s, watched_s, is_confidence_shown, is_bulk,
    state_before, revokes_id
)
SELECT a.id + {shift}, a.id, a.camera_id, {verdict}, CASE WHEN {verdict} = 'dismiss' THEN 'ordinary' ELSE '' END, '',
    (%(operators)s::bigint[])[1 + s.place * {per_site} + a.id %% {per_site}], 'operator',
    a.raised_at + {after} * interval '1 s', {after}, 8, true, false, {before}, {revokes}
FROM alerts_alert a
JOIN unnest(%(cameras)s::bigint[], %(places)s::int[]) AS s (camera, place) ON s.camera = a.camera_id
WHERE a.id BETWEEN %(low)s AND %(high)s AND a.state IN ('confirmed', 'dismissed') AND {only}
"""
KINDS = (  # what, seconds after the alert, state before, which alerts, what it takes back
    ("CASE a.state WHEN 'confirmed' THEN 'confirm' ELSE 'dismiss' END", 40, "'new'", "true", "NULL::bigint"),
    ("'dismiss'", 20, "'new'", "a.id %% 500 = 7", "NULL::bigint"),
    ("'undo'", 25, "'dismissed'", "a.id %% 500 = 7", "a.id + {back}"),
    ("'escalate'", 15, "'new'", "a.id %% 40 = 3", "NULL::bigint"),
)


@dataclass(frozen=True, slots=True)
class Town:
    """Who works in what was made."""

    operator: User
    supervisor: User
    auditor: User
    small_site_supervisor: User
    busy_camera: int
    quiet_camera: int


def make_town(cameras: int) -> Town:
    """Make sites, cameras and people. The first site has a third of all cameras, the last one two."""
    place = {"latitude": 58.0, "longitude": 8.0}
    policy = RetentionPolicy.objects.create(
        name="load", masked_hours=24, clip_days=7, alert_days=400, legal_basis="made for a measurement"
    )
    sites = [Site.objects.create(name=f"Site {n}", slug=f"site-{n}", **place) for n in range(SITES)]
    Camera.objects.bulk_create(
        Camera(
            site=sites[min(_site_of(n, cameras), SITES - 1)], name=f"Camera {n}", address="rtsp://127.0.0.1:1/x",
            retention=policy, purpose="A measurement.", **place,
        )
        for n in range(cameras)
    )  # fmt: skip
    for number, site in enumerate(sites):
        for k in range(OPERATORS):
            _person(f"operator-{number:02d}-{k}", Role.OPERATOR, site)
        _person(f"supervisor-{number:02d}", Role.SUPERVISOR, site)
    _person("supervisor-of-all", Role.SUPERVISOR, *sites)
    _person("auditor-of-all", Role.AUDITOR, *sites)
    return known_town()


def known_town() -> Town:
    """Return who works in a town that was made.

    Raises:
        User.DoesNotExist: none was made here.
    """
    keys = list(Camera.objects.order_by("pk").values_list("pk", flat=True))
    return Town(
        operator=User.objects.get(username="operator-00-0"),
        supervisor=User.objects.get(username="supervisor-of-all"),
        auditor=User.objects.get(username="auditor-of-all"),
        small_site_supervisor=User.objects.get(username=f"supervisor-{SITES - 1:02d}"),
        busy_camera=keys[0],
        quiet_camera=keys[-1],
    )


def _site_of(camera: int, cameras: int) -> int:
    if camera >= cameras - 2:
        return SITES - 1
    share = camera / cameras
    return 0 if share < 1 / 3 else 1 + int((share - 1 / 3) * 1.5 * (SITES - 2))


def _person(name: str, role: Role, *sites: Site) -> User:
    person = User.objects.create(username=name, role=role)
    SiteScope.objects.bulk_create(SiteScope(user=person, site=site) for site in sites)
    return person


def fill(count: int) -> None:
    """Make `count` alerts of the cameras that are there, and their decisions; indexes are built afterwards."""
    cameras = list(Camera.objects.order_by("pk").values_list("pk", "site_id"))
    sites = {pk: number for number, pk in enumerate(sorted({site for _, site in cameras}))}
    values: dict[str, Any] = {
        "cameras": [pk for pk, _ in cameras], "places": [sites[site] for _, site in cameras], "many": len(cameras),
        "operators": list(User.objects.filter(role=Role.OPERATOR).order_by("username").values_list("pk", flat=True)),
        "count": count, "open": OPEN, "days": SPAN_DAYS, "first": 1,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # no foreign key is asked for each of so many rows
        kept = _indexes_drop(cursor)
        cursor.execute(
            "INSERT INTO alerts_incident (id, site_id, opened_at) SELECT 1 + g,"
            " (SELECT site_id FROM cameras_camera"
            "  WHERE id = (%(cameras)s::bigint[])[1 + floor(%(many)s * u * u * u)::int]),"
            " now() - (%(count)s - g * 3) * (%(days)s * interval '1 day' / %(count)s)"
            " FROM (SELECT g, (hashint8(g::bigint) & 2147483647) / 2147483648.0 AS u"
            "       FROM generate_series(0, %(count)s / 3) AS g) AS drawn",
            values,
        )
        for low in range(1, count + 1, CHUNK):
            part = {**values, "low": low, "high": min(low + CHUNK - 1, count)}
            cursor.execute(ALERTS, part)
            for number, (verdict, after, before, only, revokes) in enumerate(KINDS):
                cursor.execute(
                    DECISIONS.format(
                        verdict=verdict, after=after, before=before, only=only, shift=number * count,
                        revokes=revokes.format(back=count), per_site=OPERATORS,
                    ),
                    part,
                )  # fmt: skip
            _say(f"{part['high']:,} alerts")
        for statement in kept:
            began_s = time.perf_counter()
            cursor.execute(statement)
            _say(f"{time.perf_counter() - began_s:.0f} s: {statement[:110]}")
        for table in FILLED:
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")
            cursor.execute(f"VACUUM (ANALYZE) {table}")
        cursor.execute("RESET session_replication_role")


def _indexes_drop(cursor: "object") -> list[str]:
    """Drop what would be kept up to date row by row. Returns the statements that bring it back."""
    execute, fetchall = cursor.execute, cursor.fetchall  # type: ignore[attr-defined]
    kept: list[str] = []
    for table in FILLED:
        execute(
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE conrelid = %s::regclass AND contype = 'u'",
            [table],
        )
        for name, definition in fetchall():
            execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
            kept.append(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')
        execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s AND indexname NOT LIKE '%%pkey'", [table]
        )
        for name, definition in fetchall():
            execute(f'DROP INDEX "{name}"')
            kept.append(definition)
    return kept


def _say(words: str) -> None:
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} {words}\n")
