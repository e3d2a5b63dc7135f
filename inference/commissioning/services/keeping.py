"""Deleting the stills of walks: they are kept for their commissioning only, and never longer than clips may be."""

import logging
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from cameras.commissioning.models import OPEN_STATES, Still
from cameras.custody.services.recording import deletion_tell
from cameras.footage import delete_files, files_bytes
from cameras.holds import purge_lock
from cameras.models import Camera, LegalHold
from cameras.services.retention import BATCH, orphans_delete

logger = logging.getLogger(__name__)


def overdue_stills(camera: Camera, now: datetime) -> QuerySet[Still]:
    """Stills with a file that may be kept no longer and are not held; of an edge camera, which stores none, all."""
    overdue = Still.objects.filter(run__camera=camera).exclude(path="")
    if camera.keeps_footage:
        is_over = ~Q(run__state__in=OPEN_STATES) | Q(captured_at__lt=now - camera.retention.clips_for)
        overdue = overdue.filter(is_over)
    holds = LegalHold.objects.current().filter(camera=camera)
    held = holds.filter(starts_at__lte=OuterRef("captured_at"), ends_at__gt=OuterRef("captured_at"))
    return overdue.exclude(Exists(held))


def stills_purge(*, camera: Camera, now: datetime | None = None) -> int:
    """Delete the stills of a camera that are over; their numbers stay. Returns how many; a signed record each batch.

    Files go before rows, as in `segments_purge`; a file that cannot be deleted keeps its path and stays overdue.
    """
    now, after, count = now or timezone.now(), 0, 0
    while True:
        with transaction.atomic():
            purge_lock(camera.pk)
            batch = list(overdue_stills(camera, now).filter(pk__gt=after).order_by("pk")[:BATCH])
            sizes = {still.pk: files_bytes([still.path]) for still in batch}
            gone = [still for still in batch if _is_deleted(still)]
            if gone:
                Still.objects.filter(pk__in=[still.pk for still in gone]).update(path="")
                _record(camera, gone, sum(sizes[still.pk] for still in gone))
        if not batch:
            return count
        after, count = batch[-1].pk, count + len(gone)


def still_orphans_purge(*, now_s: float | None = None) -> int:
    """Delete stills that no row names, an hour after they were written: their worker died. Returns how many."""
    return orphans_delete(
        folder="commissioning",
        known=lambda paths: set(Still.objects.filter(path__in=paths).values_list("path", flat=True)),
        now_s=now_s,
        kind="stills without a commissioning",
    )


def _is_deleted(still: Still) -> bool:
    try:
        delete_files([still.path])
    except OSError as error:
        logger.error("still %s cannot be deleted (%s) and stays overdue", still.pk, error)
        return False
    return True


def _record(camera: Camera, gone: list[Still], size_bytes: int) -> None:
    deletion_tell(
        camera=camera,
        details={
            "kind": "masked stills of a commissioning",
            "count": len(gone),
            "bytes": size_bytes,
            "oldest": min(still.captured_at for still in gone).isoformat(),
            "newest": max(still.captured_at for still in gone).isoformat(),
            "policy": camera.retention.name,
        },
    )
