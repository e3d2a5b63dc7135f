"""What the leak watch says to the gate "may this camera run" (cameras/running.py)."""

from collections.abc import Sequence

from cameras.leaking.models import Suspension
from cameras.models import Camera


def reasons_against_running(cameras: Sequence[Camera]) -> dict[int, list[str]]:
    """Return why the watch keeps cameras off, by key; one query, for few are suspended at a time."""
    keys = {camera.pk for camera in cameras}
    return {one.camera_id: [one.sentence] for one in Suspension.objects.current() if one.camera_id in keys}
