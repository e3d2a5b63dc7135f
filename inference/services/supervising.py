"""Looking after PACA itself: every 2 s whether cameras and workers live, every minute how the whole system is."""

import logging
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Final

import redis
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext

from alerts.system.causes import CAMERA_CAUSES, Cause
from alerts.system.services.telling import (
    Finding,
    findings_tell,
    history_purge,
    stopped_cameras_end,
    supervision_note,
    vanished_end,
)
from cameras.archive.services import archive_words
from cameras.conditions import SILENT_AFTER
from cameras.live import valkey
from cameras.models import Camera
from inference.disk import DiskState, disk_now, growth_bytes_per_day
from inference.heartbeat import database_now
from inference.models import StreamState, StreamStatus, SystemSample, WorkerState
from inference.receiving.services.attesting import box_findings

logger = logging.getLogger(__name__)
QUEUES: Final = ("streams", "default", "dispatch")
FORGOTTEN_AFTER: Final = timedelta(days=1)
"""A worker that was not heard of for so long was taken away, and is no longer missed."""
SAMPLES_KEPT_FOR: Final = timedelta(hours=25)


def system_check() -> int:
    """Look at cameras and workers and tell what is wrong. Returns how many alerts changed.

    What a worker said of its camera holds as long as it goes on saying something; then nobody knows, which is told
    instead. Side effects: system alerts and their pushes; workers that were taken away are forgotten.
    """
    now = database_now()
    workers = _workers(now)
    findings = [*_camera_findings(now), *_worker_findings(workers, now), *box_findings(now)]
    changed = findings_tell(findings) + stopped_cameras_end(now)
    changed += vanished_end(cause=Cause.WORKER_LOST, subjects=[f"worker:{worker.name}" for worker in workers], at=now)
    hosts = {worker.host for worker in workers if _lives(worker, now)}
    for cause, thing in (
        (Cause.CLOCK_OFFSET, "clock"),
        (Cause.VALKEY_AWAY, "valkey"),
        (Cause.DATABASE_AWAY, "database"),
    ):
        changed += vanished_end(cause=cause, subjects=[f"{thing}:{host}" for host in hosts], at=now)
    changed += vanished_end(cause=Cause.UNSUPERVISED, subjects=[], at=now)  # one that a crash left half told
    supervision_note(now)
    return changed


def _lives(worker: WorkerState, now: datetime) -> bool:
    return worker.stopped_at is None and not worker.is_silent(now)


def _workers(now: datetime) -> list[WorkerState]:
    WorkerState.objects.filter(seen_at__lt=now - FORGOTTEN_AFTER).delete()
    return list(WorkerState.objects.all())


def _camera_findings(now: datetime) -> list[Finding]:
    findings = []
    for camera in Camera.objects.filter(is_enabled=True).select_related("stream_state"):
        subject = f"camera:{camera.pk}"
        state: StreamState | None = getattr(camera, "stream_state", None)
        told_at = state.updated_at if state else None
        if state is None or told_at is None or now - told_at > SILENT_AFTER:
            since = (
                gettext("Nobody has reported of it since {told_at:%H:%M:%S} UTC.").format(told_at=told_at)
                if told_at
                else gettext("Nobody has taken it yet.")
            )
            findings.append(Finding(Cause.CAMERA_UNWATCHED, subject, since, now, camera.pk))
            continue
        findings.append(Finding(Cause.CAMERA_UNWATCHED, subject, "", now, camera.pk))
        findings += [
            Finding(cause, subject, state.faults[cause], told_at, camera.pk)
            for cause in CAMERA_CAUSES
            if cause in state.faults
        ]
    return findings


def _worker_findings(workers: list[WorkerState], now: datetime) -> list[Finding]:
    findings = []
    for worker in workers:
        why = (
            gettext("Not heard of since {seen_at:%H:%M:%S} UTC.").format(seen_at=worker.seen_at)
            if worker.is_silent(now)
            else ""
        )
        findings.append(Finding(Cause.WORKER_LOST, f"worker:{worker.name}", why, now))
    for queue in QUEUES:
        is_served = any(queue in worker.queues and _lives(worker, now) for worker in workers)
        why = "" if is_served else gettext("No worker takes tasks from the queue {queue}.").format(queue=queue)
        findings.append(Finding(Cause.NO_WORKER, f"queue:{queue}", why, now))
    return findings


def system_sample() -> SystemSample:
    """Store how the system was in this minute, tell of the disk, and delete what is too old. Safe to run twice.

    Raises:
        OSError: the disk cannot be asked.
    """
    now = database_now()
    used, free = disk_now(Path(settings.FOOTAGE_DIR))
    states = list(StreamState.objects.filter(camera__is_enabled=True))
    fresh = [state for state in states if state.updated_at and now - state.updated_at <= SILENT_AFTER]
    live = [state for state in fresh if state.status == StreamStatus.LIVE]
    everything = StreamState.objects.values_list(
        "withheld_before", "frames_withheld", "dropped_before", "frames_dropped"
    )
    counts = [sum(column) for column in zip(*everything, strict=True)] or [0, 0, 0, 0]
    sample, _ = SystemSample.objects.update_or_create(
        at=now.replace(second=0, microsecond=0),
        defaults={
            "cameras_running": Camera.objects.filter(is_enabled=True).count(),
            "cameras_live": len(live),
            "fps_in": sum(state.fps_in for state in fresh),
            "fps_masked": sum(state.fps_out for state in fresh),
            "frames_withheld": counts[0] + counts[1],
            "frames_dropped": counts[2] + counts[3],
            "mask_ms": median([state.mask_ms for state in live] or [0.0]),
            "detect_ms": median([state.detect_ms for state in live] or [0.0]),
            "lag_ms": max((state.lag_ms for state in live), default=0.0),
            "streams_waiting": queue_depth("streams"),
            "tasks_waiting": queue_depth("default"),
            "disk_used_bytes": used,
            "disk_free_bytes": free,
        },
    )
    SystemSample.objects.filter(at__lt=now - SAMPLES_KEPT_FOR).delete()
    history_purge(now)
    disk = disk_state(used, free)
    findings_tell(
        [
            Finding(Cause.DISK_FULL, "disk:footage", disk.full_words, now),
            Finding(Cause.DISK_FILLING, "disk:footage", disk.filling_words, now),
            Finding(Cause.ARCHIVE_AWAY, "archive:footage", archive_words(now), now),
        ]
    )
    return sample


def disk_state(used: int, free: int) -> DiskState:
    """Return the disk with the growth that the samples of the last day show."""
    since = timezone.now() - timedelta(days=1)
    return DiskState(used, free, growth_bytes_per_day(list(SystemSample.objects.filter(at__gte=since))))


def queue_depth(queue: str) -> int:
    """Return how many tasks wait in a queue, 0 where Valkey does not answer (which is told elsewhere)."""
    try:
        return int(valkey().llen(queue))
    except redis.RedisError as error:
        logger.warning("queue %s: its length is unknown (%s)", queue, error)
        return 0
