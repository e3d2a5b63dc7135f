"""Deleting clips and alerts that have reached their ceiling."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from alerts.models import Alert, ClipState, Decision
from cameras.models import Camera
from cameras.services.retention import BATCH, delete_files
from paca_site.audit.services import audit_record


def clips_purge(*, camera: Camera, now: datetime | None = None) -> int:
    """Delete the clips and posters that are older than the camera's policy allows. Audit: `retention.purged`."""
    before = (now or timezone.now()) - camera.retention.clips_for
    count = 0
    while overdue := list(camera_clips(camera).filter(raised_at__lt=before)[:BATCH]):
        delete_files(path for alert in overdue for path in (alert.clip_path, alert.poster_path))
        with transaction.atomic():
            Alert.objects.filter(pk__in=[alert.pk for alert in overdue]).update(
                clip_state=ClipState.PURGED, clip_path="", poster_path=""
            )
            _record(camera, "masked clips", overdue)
        count += len(overdue)
    return count


def alerts_purge(*, camera: Camera, now: datetime | None = None) -> int:
    """Delete the alerts (with clip and decisions) that are older than the policy allows. Audit: `retention.purged`."""
    before = (now or timezone.now()) - camera.retention.alerts_for
    count = 0
    while overdue := list(Alert.objects.filter(camera=camera, raised_at__lt=before)[:BATCH]):
        delete_files(path for alert in overdue for path in (alert.clip_path, alert.poster_path))
        with transaction.atomic():
            keys = [alert.pk for alert in overdue]
            Decision.objects.filter(alert__in=keys).delete()
            Alert.objects.filter(pk__in=keys).delete()
            _record(camera, "alerts and decisions", overdue)
        count += len(overdue)
    return count


def camera_clips(camera: Camera) -> QuerySet[Alert]:
    """Alerts of a camera that still have a clip or poster."""
    return Alert.objects.filter(camera=camera).exclude(clip_path="", poster_path="")


def _record(camera: Camera, kind: str, overdue: list[Alert]) -> None:
    audit_record(
        action="retention.purged", actor=None, subject=f"camera:{camera.pk}", site_id=camera.site_id,
        details={
            "kind": kind,
            "count": len(overdue),
            "oldest": min(alert.raised_at for alert in overdue).isoformat(),
            "newest": max(alert.raised_at for alert in overdue).isoformat(),
            "policy": camera.retention.name,
        },
    )
