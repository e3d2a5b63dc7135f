"""Who opens a camera: the server's workers, or its box."""

from django.db.models import QuerySet

from cameras.models import Camera, Modality


def run_by_workers(cameras: QuerySet[Camera]) -> QuerySet[Camera]:
    """Narrow to cameras that workers run: all but edge cameras with a box, which masks and detects by itself.

    A hybrid camera with a box has a worker too; it reads what the box sends and never opens the camera. A box that was
    revoked keeps its cameras: they stand still, and no raw picture leaves the place instead.
    """
    return cameras.exclude(modality=Modality.EDGE, placement__isnull=False)
