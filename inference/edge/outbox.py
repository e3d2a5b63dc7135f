"""What waits on the box until the server has it: states of events and attestations. Numbers and words only.

SQLite with a full sync after each transaction: what `put` has returned from outlives a `kill -9` and a power cut.
Delivered in order, deleted when the server has said that it has it; a state that is sent twice is stored once there.
"""

import json
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from inference.core.boxes.attesting import GENESIS, canonical, record_hash
from inference.core.events import AnomalyEvent

MAX_RECORDS: Final = 10_080
"""A week of minutes."""
SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS event (
    id INTEGER PRIMARY KEY AUTOINCREMENT, camera INTEGER NOT NULL, event TEXT NOT NULL, phase TEXT NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS event_state ON event (camera, event, phase);
CREATE TABLE IF NOT EXISTS record (number INTEGER PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS fact (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something to deliver: its key in the outbox, where it goes, what it says."""

    key: int
    camera: int
    body: dict[str, Any]


def event_body(event: AnomalyEvent) -> dict[str, Any]:
    """Return what is told of an event: the fields of the core's, JSON-able."""
    return {
        "event_id": event.event_id,
        "kind": event.kind,
        "sentence": event.sentence,
        "facts": dict(event.facts),
        "confidence": event.confidence,
        "score": event.score,
        "threshold": event.threshold,
        "started_at": event.started_at.isoformat(),
        "peak_at": event.peak_at.isoformat(),
        "ended_at": event.ended_at.isoformat() if event.ended_at else None,
        "region": [list(corner) for corner in event.region],
        "regions": [[sample.offset_s, [list(corner) for corner in sample.polygon]] for sample in event.regions],
        "scores": [[sample.offset_s, sample.score] for sample in event.scores],
        "masker": event.masker,
        "detector": event.detector,
    }


class Outbox:
    """The box's only store. Safe from several threads.

    Args:
        path: the file (mode 0600).
        max_events: states that wait at most. Beyond that states in the middle of events go first, then the oldest
            events whole, which are counted as lost.
    """

    def __init__(self, path: Path, max_events: int = 10_000) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
        self._max_events = max_events
        self._lock = threading.Lock()
        self._database = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.execute("PRAGMA synchronous=FULL")
        self._database.execute("PRAGMA secure_delete=ON")
        self._database.executescript(SCHEMA)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._database.close()

    @contextmanager
    def _written(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield self._database
            except BaseException:
                self._database.execute("ROLLBACK")
                raise
            self._database.execute("COMMIT")

    def event_put(self, camera: int, event: AnomalyEvent) -> None:
        """Keep a state of an event; states in the middle that still wait are replaced by a newer one."""
        body = json.dumps(event_body(event), allow_nan=False)
        with self._written() as database:
            database.execute(
                "DELETE FROM event WHERE camera = ? AND event = ? AND phase = 'ongoing'", (camera, event.event_id)
            )
            database.execute(
                "INSERT INTO event (camera, event, phase, body) VALUES (?, ?, ?, ?)",
                (camera, event.event_id, event.phase, body),
            )
            self._make_room(database)

    def _make_room(self, database: sqlite3.Connection) -> None:
        (count,) = database.execute("SELECT count(*) FROM event").fetchone()
        while count > self._max_events:
            spared = database.execute(
                "DELETE FROM event WHERE id = (SELECT min(id) FROM event WHERE phase = 'ongoing')"
            ).rowcount
            if not spared:
                camera, event = database.execute("SELECT camera, event FROM event ORDER BY id LIMIT 1").fetchone()
                spared = database.execute("DELETE FROM event WHERE camera = ? AND event = ?", (camera, event)).rowcount
                _add(database, "events_lost", 1)
            count -= spared

    def event_next(self) -> Waiting | None:
        """Return the oldest state that waits."""
        with self._lock:
            row = self._database.execute("SELECT id, camera, body FROM event ORDER BY id LIMIT 1").fetchone()
        return Waiting(row[0], row[1], json.loads(row[2])) if row else None

    def event_done(self, key: int, *, is_lost: bool = False) -> None:
        """Forget a state: the server has it, or (counted) will never take it."""
        with self._written() as database:
            database.execute("DELETE FROM event WHERE id = ?", (key,))
            if is_lost:
                _add(database, "events_lost", 1)

    def event_count(self) -> int:
        """Return how many states wait."""
        with self._lock:
            return int(self._database.execute("SELECT count(*) FROM event").fetchone()[0])

    def record_add(self, enrolment: int, began_at: str, ended_at: str, cameras: Mapping[str, Any]) -> dict[str, Any]:
        """Append a minute to the chain, in one transaction with the chain's head; returns the record.

        A new enrolment begins a new chain: what waits of the old one no longer interests anybody.
        """
        with self._written() as database:
            if int(_fact(database, "enrolment", "0")) != enrolment:
                database.execute("DELETE FROM record")
                for name, value in (("enrolment", str(enrolment)), ("number", "0"), ("head", GENESIS)):
                    _set(database, name, value)
            number = int(_fact(database, "number", "0")) + 1
            record = {
                "number": number,
                "began_at": began_at,
                "ended_at": ended_at,
                "cameras": dict(cameras),
                "previous": _fact(database, "head", GENESIS),
            }
            text = canonical(record)
            database.execute("INSERT INTO record (number, body) VALUES (?, ?)", (number, text))
            _set(database, "number", str(number))
            _set(database, "head", record_hash(text))
            database.execute("DELETE FROM record WHERE number <= ?", (number - MAX_RECORDS,))
        return record

    def record_next(self) -> tuple[int, str] | None:
        """Return number and text of the oldest record that waits."""
        with self._lock:
            row = self._database.execute("SELECT number, body FROM record ORDER BY number LIMIT 1").fetchone()
        return (row[0], row[1]) if row else None

    def record_done(self, number: int) -> None:
        """Forget a record: the server has it, or will never take it."""
        with self._written() as database:
            database.execute("DELETE FROM record WHERE number = ?", (number,))

    def head(self, enrolment: int) -> tuple[int, str]:
        """Return number and hash of the newest record of an enrolment."""
        with self._lock:
            if int(_fact(self._database, "enrolment", "0")) != enrolment:
                return 0, GENESIS
            return int(_fact(self._database, "number", "0")), _fact(self._database, "head", GENESIS)

    def fact(self, name: str, default: str = "") -> str:
        """Return something written down by name."""
        with self._lock:
            return _fact(self._database, name, default)

    def fact_set(self, name: str, value: str) -> None:
        """Write something down by name."""
        with self._written() as database:
            _set(database, name, value)


def _fact(database: sqlite3.Connection, name: str, default: str) -> str:
    row = database.execute("SELECT value FROM fact WHERE name = ?", (name,)).fetchone()
    return str(row[0]) if row else default


def _set(database: sqlite3.Connection, name: str, value: str) -> None:
    database.execute("INSERT OR REPLACE INTO fact (name, value) VALUES (?, ?)", (name, value))


def _add(database: sqlite3.Connection, name: str, count: int) -> None:
    _set(database, name, str(int(_fact(database, name, "0")) + count))
