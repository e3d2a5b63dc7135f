"""What the stop button says to the gate "may this camera run" (cameras/running.py)."""

from collections.abc import Sequence

from django.db.models import Q

from cameras.models import Camera
from cameras.stopping.models import Halt


def reasons_against_running(cameras: Sequence[Camera]) -> dict[int, list[str]]:
    """Return why people stopped cameras, by key; one query."""
    halts = Halt.objects.current().filter(
        Q(camera__in=[camera.pk for camera in cameras])
        | Q(camera=None, site__in={camera.site_id for camera in cameras})
    )
    found: dict[int, list[str]] = {}
    for halt in halts.select_related("began_by", "site", "camera"):
        for camera in cameras:
            if halt.camera_id == camera.pk or (halt.camera_id is None and halt.site_id == camera.site_id):
                found.setdefault(camera.pk, []).append(halt.sentence)
    return found
