"""Segments that a killed worker left open: their rows get the end that their files tell."""

import logging

from cameras.models import Segment
from cameras.services.retention import footage_path
from inference.core.errors import RecordingError
from inference.core.recording.repair import inspect

logger = logging.getLogger(__name__)


def segments_repair(camera_id: int) -> int:
    """Close the open segment rows of a camera whose lease the caller holds; delete those whose file holds nothing.

    Returns:
        How many rows were repaired.
    """
    open_rows = list(Segment.objects.filter(camera_id=camera_id, ended_at=None))
    for row in open_rows:
        path = footage_path(row.path)
        try:
            content = inspect(path)
        except RecordingError as error:
            logger.warning("camera %s: segment %s is removed: %s", camera_id, row.path, error)
            path.unlink(missing_ok=True)
            row.delete()
            continue
        Segment.objects.filter(pk=row.pk).update(
            ended_at=content.ended_at, frame_count=content.frames, size_bytes=content.bytes
        )
    return len(open_rows)
