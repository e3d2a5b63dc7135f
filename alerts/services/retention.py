"""Deleting clips and alerts that have reached their ceiling."""

import logging
from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from alerts.incidents import Incident
from alerts.models import Alert, ClipState, Decision
from cameras.custody.services.recording import deletion_tell
from cameras.footage import delete_files, files_bytes
from cameras.holds import held_alert, purge_lock
from cameras.models import Camera
from cameras.services.retention import BATCH, orphans_delete

logger = logging.getLogger(__name__)


def clips_purge(*, camera: Camera, now: datetime | None = None) -> int:
    """Delete clips and posters older than the camera's policy allows. Signed record and `retention.purged` a batch."""
    before = (now or timezone.now()) - camera.retention.clips_for
    return _clips_purge(camera, camera_clips(camera).filter(raised_at__lt=before))


def clips_destroy_all(*, camera: Camera, reason: str) -> int:
    """Delete all clips and posters of a camera that are not held, whatever their age, and cut no more of them.

    Args:
        camera: it.
        reason: why, for the trail.
    """
    Alert.objects.filter(camera=camera, clip_state=ClipState.PENDING).update(clip_state=ClipState.NONE)
    return _clips_purge(camera, camera_clips(camera), reason)


def _clips_purge(camera: Camera, overdue: QuerySet[Alert], reason: str = "") -> int:
    def forget(gone: list[Alert], size_bytes: int) -> None:
        named = Alert.objects.filter(pk__in=[alert.pk for alert in gone])
        named.update(clip_state=ClipState.PURGED, clip_path="", poster_path="")
        _record(camera, "masked clips", gone, size_bytes, reason)

    return _purge(camera, overdue, forget)


def alerts_purge(*, camera: Camera, now: datetime | None = None) -> int:
    """Delete alerts (with clip and decisions) older than the policy allows. Signed record and `retention.purged`."""
    before = (now or timezone.now()) - camera.retention.alerts_for

    def forget(gone: list[Alert], size_bytes: int) -> None:
        keys = [alert.pk for alert in gone]
        Decision.objects.filter(alert__in=keys).delete()
        Alert.objects.filter(pk__in=keys).delete()
        _record(camera, "alerts and decisions", gone, size_bytes)

    count = _purge(camera, Alert.objects.filter(camera=camera, raised_at__lt=before), forget)
    # a seeded alert has no files: it borrows those of the alert it was made of, which live and go with that one
    Alert.desk.filter(camera=camera, is_seeded=True, raised_at__lt=before).delete()
    # of an incident whose alerts are gone nothing is left
    Incident.objects.filter(site=camera.site_id, alerts=None, opened_at__lt=before).delete()
    return count


def _purge(camera: Camera, overdue: QuerySet[Alert], forget: Callable[[list[Alert], int], None]) -> int:
    """Delete the files of overdue alerts that are not held, batch by batch, then `forget` them and the bytes.

    Returns how many. Files go before rows, as in `segments_purge`; an alert whose file cannot be deleted keeps its row
    and stays overdue.
    """
    after, count = 0, 0
    while True:
        with transaction.atomic():
            purge_lock(camera.pk)
            batch = list(overdue.filter(pk__gt=after).exclude(held_alert()).order_by("pk")[:BATCH])
            sizes = {alert.pk: files_bytes((alert.clip_path, alert.poster_path)) for alert in batch}
            gone = [alert for alert in batch if _are_deleted(alert)]
            if gone:
                forget(gone, sum(sizes[alert.pk] for alert in gone))
        if not batch:
            return count
        after, count = batch[-1].pk, count + len(gone)


def _are_deleted(alert: Alert) -> bool:
    try:
        delete_files((alert.clip_path, alert.poster_path))
    except OSError as error:
        logger.error("alert %s: its clip cannot be deleted (%s) and stays overdue", alert.pk, error)
        return False
    return True


def clip_orphans_purge(*, now_s: float | None = None) -> int:
    """Delete clips, posters and half-written ones that no alert names, an hour after they were last written.

    A worker killed between cutting and storing leaves them, and so does one that stores while the alert is purged.
    Audit: `retention.purged`. Returns how many.
    """

    def known(paths: list[str]) -> set[str]:
        named = Alert.objects.filter(Q(clip_path__in=paths) | Q(poster_path__in=paths))
        return {path for row in named.values_list("clip_path", "poster_path") for path in row}

    return orphans_delete(folder="clips", known=known, now_s=now_s, kind="clips without an alert")


def camera_clips(camera: Camera) -> QuerySet[Alert]:
    """Alerts of a camera that still have a clip or poster."""
    return Alert.objects.filter(camera=camera).exclude(clip_path="", poster_path="")


def _record(camera: Camera, kind: str, overdue: list[Alert], size_bytes: int, reason: str = "") -> None:
    deletion_tell(
        camera=camera,
        details={
            "kind": kind,
            "count": len(overdue),
            "bytes": size_bytes,
            "oldest": min(alert.raised_at for alert in overdue).isoformat(),
            "newest": max(alert.raised_at for alert in overdue).isoformat(),
            "policy": camera.retention.name,
            **({"reason": reason} if reason else {}),
        },
    )
