"""What the system page shows: workers, cameras, disk, database and Valkey as they are now, and the last day."""

import logging
import time
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import redis
from django.conf import settings
from django.db import connection
from django.utils.translation import gettext

from alerts.system.access import last_supervision
from alerts.system.models import Supervision
from cameras.access import visible_cameras
from cameras.conditions import SILENT_AFTER, Condition, camera_condition
from cameras.live import valkey
from cameras.models import Camera
from inference.charts import SPAN, Chart, system_charts
from inference.disk import DiskState, disk_now
from inference.heartbeat import database_now
from inference.models import StreamState, SystemSample, WorkerState
from inference.services.supervising import QUEUES, disk_state, queue_depth
from paca_site.accounts.models import User

logger = logging.getLogger(__name__)
MOST_ROWS: Final = 300
CHECKED_WITHIN: Final = timedelta(seconds=20)


@dataclass(frozen=True, slots=True)
class CameraRow:
    """One camera with its health; `state` is None before its first turn."""

    camera: Camera
    condition: Condition
    state: StreamState | None

    @property
    def withheld(self) -> int:
        """Frames withheld since the camera exists."""
        return self.state.withheld_before + self.state.frames_withheld if self.state else 0

    @property
    def dropped(self) -> int:
        """Frames dropped since the camera exists."""
        return self.state.dropped_before + self.state.frames_dropped if self.state else 0

    @property
    def reconnects(self) -> int:
        """Reconnections since the camera exists."""
        return self.state.reconnects_before + self.state.reconnects if self.state else 0


@dataclass(frozen=True, slots=True)
class WorkerRow:
    """One worker, how many cameras it runs, and whether it is silent."""

    worker: WorkerState
    cameras: int
    is_silent: bool


@dataclass(frozen=True, slots=True)
class ServiceState:
    """A service that everything stands on: whether it answers, how fast, and a word more."""

    name: str
    is_up: bool
    answer_ms: float
    words: str


def system_context(user: User) -> dict[str, Any]:
    """Return what the page needs; cameras are those of the person's sites, all else is the whole system's.

    A disk or Valkey that does not answer is shown as such; without the database there is no page.
    """
    now = database_now()
    samples = list(SystemSample.objects.filter(at__gte=now - SPAN).order_by("at"))
    rows = _camera_rows(user)
    supervision = last_supervision()
    return {
        "now": now,
        "cameras": rows[:MOST_ROWS],
        "camera_total": len(rows),
        "workers": _worker_rows(now),
        "services": [_database(), _valkey()],
        "queues": [(queue, queue_depth(queue)) for queue in QUEUES],
        "disk": _disk(),
        "supervision": supervision,
        "is_supervised": _is_supervised(supervision, now),
        "charts": _charts(samples, now),
    }


def _is_supervised(supervision: Supervision | None, now: datetime) -> bool:
    return supervision is not None and not supervision.is_silent(now, CHECKED_WITHIN)


def _charts(samples: list[SystemSample], now: datetime) -> list[Chart]:
    return system_charts(samples, now) if samples else []


def _camera_rows(user: User) -> list[CameraRow]:
    """Return the cameras, those with a fault first."""
    rows = [
        CameraRow(camera, camera_condition(camera), getattr(camera, "stream_state", None))
        for camera in visible_cameras(user)
    ]
    return sorted(rows, key=lambda row: not row.condition.is_fault)


def _worker_rows(now: datetime) -> list[WorkerRow]:
    owners = Counter(
        StreamState.objects.filter(camera__is_enabled=True, updated_at__gte=now - SILENT_AFTER).values_list(
            "owner", flat=True
        )
    )
    return [
        WorkerRow(worker, owners[f"{worker.host}:{worker.process}"], worker.is_silent(now))
        for worker in WorkerState.objects.all()
    ]


def _database() -> ServiceState:
    started_s = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_database_size(current_database()), current_setting('server_version'),"
            " (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database())"
        )
        size_bytes, version, connections = cursor.fetchone()
    answer_ms = (time.perf_counter() - started_s) * 1000
    words = gettext("PostgreSQL {version}, {mib:.0f} MiB, {connections} connections").format(
        version=version.split()[0], mib=size_bytes / 2**20, connections=connections
    )
    return ServiceState(gettext("Database"), True, answer_ms, words)


def _valkey() -> ServiceState:
    started_s = time.perf_counter()
    try:
        told = valkey().info()
    except redis.RedisError as error:
        return ServiceState(gettext("Valkey"), False, 0.0, str(error) or type(error).__name__)
    answer_ms = (time.perf_counter() - started_s) * 1000
    version = told.get("valkey_version") or told.get("redis_version", "")
    words = gettext("{version}, {mib:.0f} MiB, {clients} clients").format(
        version=version, mib=told.get("used_memory", 0) / 2**20, clients=told.get("connected_clients", 0)
    )
    return ServiceState(gettext("Valkey"), True, answer_ms, words)


def _disk() -> DiskState | None:
    try:
        return disk_state(*disk_now(Path(settings.FOOTAGE_DIR)))
    except OSError as error:
        logger.warning("the disk of the footage cannot be asked (%s)", error)
        return None
