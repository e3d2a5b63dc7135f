"""Destroying sealed video: first its secret, so that every copy in every backup is noise, then file, row and record."""

import logging
import os
from datetime import datetime
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from cameras.custody.models import SealedHour
from cameras.custody.places import secret_path
from cameras.custody.services.recording import deletion_tell
from cameras.footage import footage_path
from cameras.holds import held_segment, purge_lock
from cameras.models import Camera

logger = logging.getLogger(__name__)
BATCH = 100
KIND = "sealed unmasked video"


def overdue_hours(camera: Camera, now: datetime, *, after: int = 0) -> list[SealedHour]:
    """Return up to `BATCH` sealed hours with a key above `after` that are older than the policy allows and not held."""
    older = SealedHour.objects.filter(camera=camera, started_at__lt=now - camera.retention.raw_for, pk__gt=after)
    return list(older.exclude(held_segment()).order_by("pk")[:BATCH])


def sealed_purge(*, camera: Camera, now: datetime | None = None) -> int:
    """Destroy a camera's overdue sealed video. Returns how many files.

    Each file in this order: its secret is overwritten and removed and the disk told to keep it so; then the file; then,
    in one transaction for the batch, the rows, a signed `DeletionRecord` and the audit entry `retention.purged`. Killed
    anywhere in between, the next run finds the row, and repeats what is left: each step may be done twice. A secret or
    file that cannot be removed keeps its row, so that it shows as overdue, and does not keep the others.
    """
    return _purge(camera, now or timezone.now(), reason="policy")


def sealed_destroy_all(*, camera: Camera, reason: str) -> int:
    """Destroy all sealed video of a camera that is not held, whatever its age, as in `sealed_purge`.

    Args:
        camera: it.
        reason: why, for the record and the trail.
    """
    return _purge(camera, None, reason=reason)


def _purge(camera: Camera, now: datetime | None, *, reason: str) -> int:
    count, after = 0, 0
    while True:
        with transaction.atomic():
            purge_lock(camera.pk)  # a hold placed from here on waits, and finds either everything or nothing
            found = overdue_hours(camera, now, after=after) if now else _unheld_hours(camera, after)
            gone = [hour for hour in found if _is_shredded(hour)]
            if gone:
                _forget(camera, gone, reason)
        if not found:
            return count
        after, count = found[-1].pk, count + len(gone)


def _unheld_hours(camera: Camera, after: int) -> list[SealedHour]:
    return list(SealedHour.objects.filter(camera=camera, pk__gt=after).exclude(held_segment()).order_by("pk")[:BATCH])


def shred(relative: str) -> None:
    """Destroy the secret of a sealed file, then the file; what is already gone is what we want.

    Raises:
        OSError: something cannot be removed.
        ValueError: the path is none of a sealed file.
    """
    secret_destroy(secret_path(relative))
    file_remove(footage_path(relative))


def secret_destroy(path: Path) -> None:
    """Overwrite and remove a secret; gone for good when this returns.

    Overwriting reaches the same place on many disks, not on all (flash moves what is written, some file systems keep
    the old): docs/custody.md says how a deployer makes sure.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY)
    except FileNotFoundError:
        return
    with os.fdopen(descriptor, "wb", buffering=0) as file:
        file.write(os.urandom(path.stat().st_size))
        os.fsync(file.fileno())
    file_remove(path)


def file_remove(path: Path) -> None:
    """Remove a file and make its absence outlive a power cut; one that is not there is what we want."""
    path.unlink(missing_ok=True)
    try:
        descriptor = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    except FileNotFoundError:
        return
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _is_shredded(hour: SealedHour) -> bool:
    try:
        shred(hour.path)
    except (OSError, ValueError) as error:
        logger.error("sealed hour %s is overdue and cannot be destroyed (%s)", hour.pk, error)
        return False
    return True


def _forget(camera: Camera, gone: list[SealedHour], reason: str) -> None:
    details = {
        "kind": KIND,
        "count": len(gone),
        "bytes": sum(hour.size_bytes for hour in gone),
        "oldest": min(hour.started_at for hour in gone).isoformat(),
        "newest": max(hour.started_at for hour in gone).isoformat(),
        "policy": camera.retention.name,
        "reason": reason,
    }
    SealedHour.objects.filter(pk__in=[hour.pk for hour in gone]).delete()
    deletion_tell(camera=camera, details=details)
