"""Which cameras show what happens beside an alert's own: the nearest of its site."""

import math
from typing import Final

from django.conf import settings

from alerts.plan import offset_m
from cameras.access import visible_cameras
from cameras.models import Camera
from paca_site.accounts.models import User

MOST: Final = 3


def neighbours_of(camera: Camera, user: User) -> list[Camera]:
    """Return up to `MOST` cameras of a person's scope within the distance that joins incidents, the nearest first."""
    apart = {
        other: math.hypot(*offset_m(other, camera))
        for other in visible_cameras(user)
        if other.site_id == camera.site_id and other.pk != camera.pk
    }
    near = sorted((metres, other.pk, other) for other, metres in apart.items() if metres <= settings.INCIDENT_M)
    return [other for _, _, other in near[:MOST]]
