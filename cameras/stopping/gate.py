"""What the stop button says to the gate "may this camera run" (cameras/running.py)."""

from collections.abc import Sequence

from cameras.models import Camera
from cameras.stopping.models import Halt


def reasons_against_running(cameras: Sequence[Camera]) -> dict[int, list[str]]:
    """Return why people stopped cameras, by key; one query, for few things are stopped at a time."""
    by_camera: dict[int, list[str]] = {}
    by_site: dict[int, list[str]] = {}
    for halt in Halt.objects.current().of_cameras().select_related("began_by", "site", "camera"):
        if halt.camera_id is None:
            by_site.setdefault(halt.site_id, []).append(halt.sentence)
        else:
            by_camera.setdefault(halt.camera_id, []).append(halt.sentence)
    found = {camera.pk: by_camera.get(camera.pk, []) + by_site.get(camera.site_id, []) for camera in cameras}
    return {pk: sentences for pk, sentences in found.items() if sentences}
