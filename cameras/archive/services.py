"""Moving recordings to the archive, bringing them back to be seen, deleting them there.

Killed between any two lines nothing is lost and nothing outlives its retention: the row comes before the copy, the
local file goes after it, and the row goes after both are gone.
"""

import logging
import time
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext

from cameras.archive.bucket import bucket_delete, bucket_fetch, bucket_names, bucket_put, is_archive_on
from cameras.archive.models import Archived
from cameras.footage import footage_path
from cameras.holds import purge_lock
from cameras.models import Segment

logger = logging.getLogger(__name__)
SETTLED: Final = timedelta(seconds=30)
"""A segment's row is closed when its file is; repair and clips look at it in the seconds after."""
BATCH: Final = 200
LOOKBACK: Final = 20_000
"""Rows below the newest archived one among which one may still wait, as cameras close their segments out of order."""
WAITS_LONG: Final = timedelta(minutes=15)


def archive_move(*, for_s: float = 8.0, now: datetime | None = None) -> int:
    """Send closed recordings to the archive, oldest first, for about `for_s` seconds. Returns how many it has now.

    Raises:
        ArchiveError: the archive does not answer; what waits stays on the disk and is tried again.
    """
    if not is_archive_on():
        return 0
    now, ends_at_s = now or timezone.now(), time.monotonic() + for_s
    _announce(now)
    count, after = 0, 0
    while time.monotonic() < ends_at_s:
        waiting = list(
            Archived.objects.filter(done_at=None, pk__gt=after).select_related("segment").order_by("pk")[:BATCH]
        )
        for row in waiting:
            if time.monotonic() >= ends_at_s:
                break
            count += _move(row)
        if len(waiting) < BATCH:
            break
        after = waiting[-1].pk
    return count


def _announce(now: datetime) -> None:
    """Give closed recordings the row that says that a copy may exist."""
    newest = Archived.objects.aggregate(newest=Max("segment_id"))["newest"] or 0
    closed = Segment.objects.filter(pk__gt=newest - LOOKBACK, ended_at__lt=now - SETTLED, archived=None)
    keys = closed.order_by("pk").values_list("pk", flat=True)[: 10 * BATCH]
    Archived.objects.bulk_create([Archived(segment_id=pk, begun_at=now) for pk in keys], ignore_conflicts=True)


def _move(row: Archived) -> bool:
    """Send one recording; a purge of its camera waits meanwhile, so that nothing arrives after its deletion."""
    with transaction.atomic():
        purge_lock(row.segment.camera_id)
        if not Archived.objects.filter(pk=row.pk, done_at=None).exists():
            return False
        try:
            bucket_put(footage_path(row.segment.path), row.segment.path)
        except FileNotFoundError:
            logger.error("segment %s is gone from the disk before it was archived", row.segment_id)
            return False
        Archived.objects.filter(pk=row.pk).update(done_at=timezone.now())
    return True


def archive_evict(*, now: datetime | None = None) -> int:
    """Delete local files whose copy the archive has and that nobody has needed for a while. Returns how many."""
    before_s = (now or timezone.now()).timestamp() - settings.ARCHIVE_LOCAL_HOURS * 3600
    count = 0
    for folder in sorted(footage_path("segments").glob("*")):
        old = sorted(path for path in folder.glob("*.mp4") if path.stat().st_mtime < before_s)
        for start in range(0, len(old), BATCH):
            names = {f"segments/{folder.name}/{path.name}": path for path in old[start : start + BATCH]}
            done = Archived.objects.filter(segment__path__in=names, done_at__isnull=False)
            for name in done.values_list("segment__path", flat=True):
                names[name].unlink(missing_ok=True)
                count += 1
    return count


def segment_fetch(segment: Segment) -> None:
    """Make sure that a recording's file is on the disk, from the archive where need be.

    Raises:
        ArchiveError: it is in the archive, which does not give it now.
    """
    path = footage_path(segment.path)
    if not path.exists() and Archived.objects.filter(segment=segment, done_at__isnull=False).exists():
        bucket_fetch(segment.path, path)


def archive_forget(segment: Segment) -> None:
    """Delete the archive's copy of a recording, then the row that told of it; call with the purge lock held.

    Raises:
        ArchiveError: the copy cannot be deleted; its row stays, and so must the recording's.
    """
    bucket_delete(segment.path)
    Archived.objects.filter(segment=segment).delete()


def archive_sweep(camera_id: int) -> int:
    """Delete what the archive has of a camera and no row names, such as after an older database was restored.

    Returns:
        How many files were deleted.

    Raises:
        ArchiveError: the archive does not answer.
    """
    if not is_archive_on():
        return 0
    names, count = bucket_names(f"segments/{camera_id}"), 0
    for start in range(0, len(names), BATCH):
        batch = names[start : start + BATCH]
        known = set(Archived.objects.filter(segment__path__in=batch).values_list("segment__path", flat=True))
        for name in set(batch) - known:
            bucket_delete(name)
            count += 1
    if count:
        logger.warning("camera %s: %s recordings in the archive had no row and were deleted there", camera_id, count)
    return count


def archive_words(now: datetime) -> str:
    """Return what is wrong with the archive, in a sentence; empty: nothing waits for long. One query."""
    if not is_archive_on():
        return ""
    waiting = Archived.objects.filter(done_at=None, begun_at__lt=now - WAITS_LONG)
    oldest = waiting.order_by("begun_at").values_list("begun_at", flat=True).first()
    if oldest is None:
        return ""
    return gettext("{count} recordings wait for it since {time} UTC; they are kept on the disk.").format(
        count=waiting.count(), time=f"{oldest:%Y-%m-%d %H:%M}"
    )
