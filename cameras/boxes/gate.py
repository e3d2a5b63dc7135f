"""What boxes say to the gate "may this camera run" (cameras/running.py)."""

from collections.abc import Sequence

from django.utils.translation import gettext

from cameras.boxes.models import Placement
from cameras.models import Camera, Modality


def reasons_against_running(cameras: Sequence[Camera]) -> dict[int, list[str]]:
    """Return which cameras wait for a box, by key; one query at most.

    A hybrid or edge camera is masked where it hangs: its raw picture must not travel to a server because the box is
    not there yet.
    """
    others = {camera.pk for camera in cameras if camera.modality != Modality.CENTRAL}
    if not others:
        return {}
    placed = set(Placement.objects.filter(camera__in=others).values_list("camera_id", flat=True))
    sentence = gettext("It is masked by a camera box and has none yet: an administrator adds one.")
    return {pk: [sentence] for pk in others - placed}
