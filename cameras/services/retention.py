"""Deleting what has reached its ceiling: first the file, then the row, then the record of it."""

import logging
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from cameras.models import Camera, Segment
from paca_site.audit.services import audit_record

logger = logging.getLogger(__name__)
BATCH = 500


def footage_path(relative: str) -> Path:
    """Return the absolute path of a stored file, refusing anything outside the footage folder."""
    root = Path(settings.FOOTAGE_DIR)
    path = (root / relative).resolve()
    if not path.is_relative_to(root.resolve()):
        raise ValueError(f"`{relative}` is outside the footage folder.")
    return path


def delete_files(relatives: Iterable[str]) -> None:
    """Delete stored files; one that is already gone is what we want."""
    for relative in relatives:
        if relative:
            footage_path(relative).unlink(missing_ok=True)


def overdue_segments(camera: Camera, now: datetime) -> "list[Segment]":
    """Return up to `BATCH` closed or abandoned segments that are older than the camera's policy allows."""
    return list(camera.segments.filter(started_at__lt=now - camera.retention.masked_for)[:BATCH])


def segments_purge(*, camera: Camera, now: datetime | None = None) -> int:
    """Delete a camera's overdue segments. Audit: `retention.purged`, one entry per batch. Returns how many.

    Files go before rows: a crash in between leaves a row whose file is gone, which the next run clears. The file of a
    row that is still written is unlinked too; its writer notices at the end of the segment.
    """
    now = now or timezone.now()
    count = 0
    while overdue := overdue_segments(camera, now):
        delete_files(segment.path for segment in overdue)
        with transaction.atomic():
            Segment.objects.filter(pk__in=[segment.pk for segment in overdue]).delete()
            audit_record(
                action="retention.purged", actor=None, subject=f"camera:{camera.pk}", site_id=camera.site_id,
                details={
                    "kind": "masked recordings",
                    "count": len(overdue),
                    "bytes": sum(segment.size_bytes for segment in overdue),
                    "oldest": min(segment.started_at for segment in overdue).isoformat(),
                    "newest": max(segment.started_at for segment in overdue).isoformat(),
                    "policy": camera.retention.name,
                },
            )
        count += len(overdue)
    return count
