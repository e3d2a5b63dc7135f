"""Deleting what has reached its ceiling: first the file, then the row, then the record of it."""

import logging
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from cameras.archive.bucket import ArchiveError
from cameras.archive.models import Archived
from cameras.archive.services import archive_forget
from cameras.custody.services.recording import deletion_tell
from cameras.footage import delete_files, footage_path
from cameras.holds import held_segment, purge_lock
from cameras.models import Camera, Segment
from paca_site.audit.services import audit_record

logger = logging.getLogger(__name__)
BATCH = 500
ORPHAN_AFTER_S = 3600
"""A segment's row is written within seconds of its file; after an hour no row will come any more."""


def overdue_segments(camera: Camera, now: datetime, *, after: int = 0) -> "list[Segment]":
    """Return up to `BATCH` segments with a key above `after` that are older than the policy allows and not held."""
    older = camera.segments.filter(started_at__lt=now - camera.retention.masked_for, pk__gt=after)
    return list(older.exclude(held_segment()).order_by("pk")[:BATCH])


def segments_purge(*, camera: Camera, now: datetime | None = None) -> int:
    """Delete a camera's overdue segments. A signed record and `retention.purged` for each batch. Returns how many.

    Files go before rows: a crash in between leaves a row whose file is gone, which the next run clears. The file of a
    row that is still written is unlinked too; its writer notices at the end of the segment. A file that cannot be
    deleted keeps its row, so that it shows as overdue, and does not keep the others; where the archive does not answer,
    what it has of the camera stays until it does.
    """
    return _purge(camera, now or timezone.now())


def segments_destroy_all(*, camera: Camera, reason: str) -> int:
    """Delete all recordings of a camera that are not held, whatever their age, as in `segments_purge`.

    Args:
        camera: it.
        reason: why, for the trail.
    """
    return _purge(camera, None, reason=reason)


def _purge(camera: Camera, now: datetime | None, *, reason: str = "") -> int:
    count, after = 0, 0
    while True:
        with transaction.atomic():
            purge_lock(camera.pk)  # a hold placed from here on waits, and finds either a file with its row or neither
            overdue = overdue_segments(camera, now, after=after) if now else _unheld_segments(camera, after)
            gone = _deleted(overdue)
            if gone:
                _forget(camera, gone, reason)
        if not overdue:
            return count
        after, count = overdue[-1].pk, count + len(gone)


def _unheld_segments(camera: Camera, after: int) -> list[Segment]:
    return list(camera.segments.filter(pk__gt=after).exclude(held_segment()).order_by("pk")[:BATCH])


def _deleted(overdue: list[Segment]) -> list[Segment]:
    """Delete files, those in the archive first; return whose are gone. An archive that is away is not asked again."""
    gone = []
    archived = set(Archived.objects.filter(segment__in=overdue).values_list("segment_id", flat=True))
    for segment in overdue:
        try:
            if segment.pk in archived:
                archive_forget(segment)
            delete_files([segment.path])
            gone.append(segment)
        except ArchiveError as error:
            logger.error("segments from %s on are overdue and stay until the archive answers (%s)", segment.pk, error)
            break
        except (OSError, ValueError) as error:
            logger.error("segment %s is overdue and its file cannot be deleted (%s)", segment.pk, error)
    return gone


def _forget(camera: Camera, gone: list[Segment], reason: str) -> None:
    Segment.objects.filter(pk__in=[segment.pk for segment in gone]).delete()
    deletion_tell(
        camera=camera,
        details={
            "kind": "masked recordings",
            "count": len(gone),
            "bytes": sum(segment.size_bytes for segment in gone),
            "oldest": min(segment.started_at for segment in gone).isoformat(),
            "newest": max(segment.started_at for segment in gone).isoformat(),
            "policy": camera.retention.name,
            **({"reason": reason} if reason else {}),
        },
    )


def orphans_purge(*, now_s: float | None = None) -> int:
    """Delete segment files that have no row; see `orphans_delete`. Returns how many."""
    return orphans_delete(
        folder="segments",
        known=lambda paths: set(Segment.objects.filter(path__in=paths).values_list("path", flat=True)),
        now_s=now_s,
    )


def orphans_delete(
    *,
    folder: str,
    known: Callable[[list[str]], set[str]],
    now_s: float | None = None,
    kind: str = "files without a row",
) -> int:
    """Delete the files below a footage folder that have no row and were last written over an hour ago.

    Such a file is left by a worker that died, or lost the database, between making the file and its row: no policy
    would ever reach it. Audit: `retention.purged`, with `kind`.

    Args:
        folder: below the footage folder.
        known: gives those of up to `BATCH` relative paths that a row names.
        now_s: seconds since 1970, for tests.
        kind: what they are, for the trail.

    Returns:
        How many were deleted.
    """
    limit_s = (time.time() if now_s is None else now_s) - ORPHAN_AFTER_S
    root = Path(settings.FOOTAGE_DIR).resolve()
    found = {path.relative_to(root).as_posix(): path for path in footage_path(folder).rglob("*") if path.is_file()}
    old = sorted(relative for relative, path in found.items() if _written_at_s(path) < limit_s)
    deleted, size_bytes = 0, 0
    for start in range(0, len(old), BATCH):
        batch = old[start : start + BATCH]
        for relative in set(batch) - known(batch):
            try:
                size = found[relative].stat().st_size
                delete_files([relative])
            except OSError as error:
                logger.error("orphan %s cannot be deleted (%s)", relative, error)
                continue
            deleted, size_bytes = deleted + 1, size_bytes + size
    if deleted:
        with transaction.atomic():
            audit_record(
                action="retention.purged",
                actor=None,
                details={"kind": kind, "count": deleted, "bytes": size_bytes},
            )
    return deleted


def _written_at_s(path: Path) -> float:
    """Return when a file was last written; one that has just gone counts as new."""
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return float("inf")
