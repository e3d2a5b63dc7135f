"""What the archive does by itself."""

import logging

from celery import shared_task

from cameras.archive.bucket import ArchiveError
from cameras.archive.services import archive_evict, archive_move, archive_sweep
from cameras.models import Camera

logger = logging.getLogger(__name__)


@shared_task
def move_recordings() -> None:
    """Send what is closed; an archive that does not answer is told by a system alert when it lasts."""
    try:
        archive_move()
    except ArchiveError as error:
        logger.warning("%s", error)


@shared_task
def tidy_archive() -> None:
    """Free the disk of what the archive has, and the archive of what no row names."""
    archive_evict()
    for camera_id in Camera.objects.values_list("pk", flat=True):
        try:
            archive_sweep(camera_id)
        except ArchiveError as error:
            logger.warning("%s", error)
            return
