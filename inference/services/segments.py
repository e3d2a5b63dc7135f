"""Segments that a killed worker left behind: their rows get what their files tell, in both directions."""

import logging
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from cameras.footage import footage_path
from cameras.models import Camera, Segment
from cameras.services.retention import BATCH
from inference.core.errors import RecordingError
from inference.core.recording.repair import FileContent, inspect
from inference.core.recording.segments import NAME_TIME
from paca_site.audit.services import audit_record

logger = logging.getLogger(__name__)
SETTLED_S = 60.0
"""A file written to within this time may still get its row from its own recorder."""
RECENT = timedelta(hours=2)


def segments_repair(camera_id: int) -> int:
    """Close the open segment rows of a camera whose lease the caller holds; delete those whose file holds nothing.

    A file that cannot be read now (no descriptor left, a disk that stutters) keeps its row for the next turn.
    Audit: `retention.purged`, kind "recordings that hold nothing". Files of the last hours without a row get one.

    Returns:
        How many rows were repaired.
    """
    open_rows = list(Segment.objects.filter(camera_id=camera_id, ended_at=None))
    empty: list[Segment] = []
    for row in open_rows:
        path = footage_path(row.path)
        try:
            content = inspect(path)
        except (RecordingError, FileNotFoundError) as error:
            logger.warning("camera %s: segment %s holds nothing: %s", camera_id, row.path, error)
            empty.append(row)
        except OSError:
            logger.exception("camera %s: segment %s cannot be read now; it is kept", camera_id, row.path)
        else:
            Segment.objects.filter(pk=row.pk).update(
                ended_at=content.ended_at, frame_count=content.frames, size_bytes=content.bytes
            )
    _forget_empty(camera_id, empty)
    segments_adopt(camera_id, since=timezone.now() - RECENT, settled_s=0.0)
    return len(open_rows)


def segments_adopt(camera_id: int, *, since: datetime | None = None, settled_s: float = SETTLED_S) -> int:
    """Give recorded files without a row the row that a dead worker or an absent database did not. Returns how many.

    Args:
        camera_id: whose files.
        since: only files that started after this; None looks at all.
        settled_s: files written to within so many seconds are left alone; 0 only while holding the camera's lease.
    """
    folder = footage_path(f"segments/{camera_id}")
    earliest = "" if since is None else since.astimezone(UTC).strftime(NAME_TIME)
    names = sorted(path.name for path in folder.glob("*.mp4") if path.name >= earliest)
    count = 0
    for start in range(0, len(names), BATCH):
        batch = {f"segments/{camera_id}/{name}" for name in names[start : start + BATCH]}
        known = set(Segment.objects.filter(path__in=batch).values_list("path", flat=True))
        for path, content in _readable(sorted(batch - known), settled_s):
            values = {
                "camera_id": camera_id,
                "started_at": content.started_at,
                "ended_at": content.ended_at,
                "frame_count": content.frames,
                "size_bytes": content.bytes,
                "width": content.width,
                "height": content.height,
                "masker": "unknown",  # the file does not tell
            }
            count += Segment.objects.get_or_create(path=path, defaults=values)[1]
    if count:
        logger.warning("camera %s: %s recorded files had no row and got one", camera_id, count)
    return count


def _readable(relatives: Iterable[str], settled_s: float) -> Iterable[tuple[str, FileContent]]:
    before_s = timezone.now().timestamp() - settled_s
    for relative in relatives:
        path: Path = footage_path(relative)
        try:
            if path.stat().st_mtime <= before_s:
                yield relative, inspect(path)
        except (RecordingError, OSError) as error:
            logger.warning("%s has no row and cannot be read (%s)", relative, error)


def _forget_empty(camera_id: int, rows: list[Segment]) -> None:
    if not rows:
        return
    for row in rows:
        footage_path(row.path).unlink(missing_ok=True)
    camera = Camera.objects.get(pk=camera_id)
    with transaction.atomic():
        Segment.objects.filter(pk__in=[row.pk for row in rows]).delete()
        audit_record(
            action="retention.purged",
            actor=None,
            subject=f"camera:{camera_id}",
            site_id=camera.site_id,
            details={"kind": "recordings that hold nothing", "count": len(rows)},
        )
