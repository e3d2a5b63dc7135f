"""What a change of modality says to the gate "may this camera run" (cameras/running.py)."""

from collections.abc import Sequence

from django.utils.translation import gettext

from cameras.modality.models import ModalityChange
from cameras.models import Camera


def reasons_against_running(cameras: Sequence[Camera]) -> dict[int, list[str]]:
    """Return whose modality is being changed, by key; one query, for few are at a time."""
    wanted = {camera.pk for camera in cameras}
    return {
        change.camera_id: [
            gettext(
                "Its modality is being changed from {before} to {after}: nothing of it may be recorded meanwhile."
            ).format(before=change.get_before_display(), after=change.get_after_display())
        ]
        for change in ModalityChange.objects.current()
        if change.camera_id in wanted
    }
