"""Each worker says every few seconds that it lives, how its clock stands, and whether database and Valkey answer."""

import logging
import os
import socket
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import redis
from django.db import InterfaceError, OperationalError, close_old_connections, connection, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext
from psycopg_pool import PoolTimeout

from alerts.system.causes import Cause
from alerts.system.services.telling import Finding, findings_tell
from cameras.live import valkey
from inference.models import WorkerState

logger = logging.getLogger(__name__)
EVERY_S: Final = 2.0
MOST_OFFSET_MS: Final = 1000.0


def database_now() -> datetime:
    """Return the time by the database's clock: the one clock that all machines share."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]  # type: ignore[no-any-return]


def clock_offset_ms() -> float:
    """Return this machine's clock minus the database's, measured over one question and its answer."""
    asked_s = time.time()
    told = database_now()
    answered_s = time.time()
    return ((asked_s + answered_s) / 2 - told.timestamp()) * 1000


class Heartbeat(threading.Thread):
    """One worker's sign of life, until stopped; it outlives any absence of the database and tells of it afterwards."""

    def __init__(self, name: str, queues: list[str], threads: int) -> None:
        super().__init__(name="heartbeat", daemon=True)
        self._worker, self._queues, self._threads = name, queues, threads
        self._host, self._process = socket.gethostname()[:80], os.getpid()
        self._started_at = datetime.now(UTC)
        self._database_away: datetime | None = None
        self._valkey_away: datetime | None = None
        self._valkey_reason = ""
        self._is_known = False
        self._stopped = threading.Event()

    def run(self) -> None:
        """Beat until stopped, then say that this was meant."""
        is_last = False
        while not is_last:
            self.beat()
            close_old_connections()
            is_last = self._stopped.wait(EVERY_S)
        self.beat(is_last=True)
        close_old_connections()

    def stop(self) -> None:
        """End after a last beat."""
        self._stopped.set()

    def beat(self, *, is_last: bool = False) -> None:
        """Write one sign of life and what was noticed since the one before."""
        self._ask_valkey()
        try:
            self._write(is_last)
        except (OperationalError, InterfaceError, PoolTimeout) as error:
            self._database_away = self._database_away or datetime.now(UTC)
            logger.warning("worker %s: the database does not answer (%s)", self._worker, error)
        except Exception:
            logger.exception("worker %s: this sign of life failed", self._worker)

    def _ask_valkey(self) -> None:
        try:
            valkey().ping()
        except redis.RedisError as error:
            self._valkey_away = self._valkey_away or datetime.now(UTC)
            self._valkey_reason = str(error) or type(error).__name__
        else:
            self._valkey_away = None

    def _write(self, is_last: bool) -> None:
        offset_ms = clock_offset_ms()
        values: dict[str, Any] = {
            "host": self._host,
            "process": self._process,
            "queues": self._queues,
            "threads": self._threads,
            "started_at": self._started_at,
            "seen_at": Now(),
            "stopped_at": Now() if is_last else None,
            "clock_offset_ms": round(offset_ms, 1),
        }
        with transaction.atomic():
            before = WorkerState.objects.select_for_update().filter(pk=self._worker).first()
            WorkerState.objects.update_or_create(pk=self._worker, defaults=values)
        if not self._is_known:
            self._tell_of(before)
            self._is_known = True
        self._tell(offset_ms)

    def _tell_of(self, before: WorkerState | None) -> None:
        """Say that the process before this one died, if it did: nobody may have noticed."""
        if before is None or before.stopped_at is not None or before.process == self._process:
            return
        why = gettext("Process {process} ended without having been told to; {successor} took its place.").format(
            process=before.process, successor=self._process
        )
        findings_tell([Finding(Cause.WORKER_LOST, f"worker:{self._worker}", why, before.seen_at)])

    def _tell(self, offset_ms: float) -> None:
        now = datetime.now(UTC)
        if self._database_away is not None:
            away_s = (now - self._database_away).total_seconds()
            why = gettext("It did not answer for {away_s:.0f} s.").format(away_s=away_s)
            findings_tell([Finding(Cause.DATABASE_AWAY, f"database:{self._host}", why, self._database_away)])
            self._database_away = None
        clock = (
            gettext("{off_s:.1f} s ahead of the database's")
            if offset_ms > 0
            else gettext("{off_s:.1f} s behind the database's")
        ).format(off_s=abs(offset_ms) / 1000)
        findings_tell(
            [
                Finding(Cause.DATABASE_AWAY, f"database:{self._host}", "", now + timedelta(milliseconds=1)),
                Finding(
                    Cause.VALKEY_AWAY,
                    f"valkey:{self._host}",
                    self._valkey_reason if self._valkey_away else "",
                    self._valkey_away or now,
                ),
                Finding(
                    Cause.CLOCK_OFFSET,
                    f"clock:{self._host}",
                    clock if abs(offset_ms) > MOST_OFFSET_MS else "",
                    now,
                ),
            ]
        )
