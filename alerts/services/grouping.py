"""Which incident a new alert belongs to: followers of the same or a near camera join the last one."""

import math
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.db.models import Q

from alerts.incidents import Incident
from alerts.models import Alert
from alerts.plan import METRES_PER_DEGREE
from cameras.models import Camera

INCIDENT_LOCK = 0x50414349  # "PACI": one alert of a site at a time finds its incident, until its transaction ends
LONGEST = timedelta(hours=1)  # what goes on for longer is looked at anew


def near_cameras(camera: Camera, within_m: float) -> set[int]:
    """Return the ids of the site's cameras that stand within some metres of a camera, itself included."""
    places = Camera.objects.filter(site=camera.site_id).values_list("pk", "latitude", "longitude")
    east_m = METRES_PER_DEGREE * math.cos(math.radians(camera.latitude))
    return {
        pk
        for pk, latitude, longitude in places
        if math.hypot((latitude - camera.latitude) * METRES_PER_DEGREE, (longitude - camera.longitude) * east_m)
        <= within_m
    }


def incident_for(*, camera: Camera, started_at: datetime) -> Incident:
    """Return the incident of an event that started at a camera, a new one where it follows nothing.

    Call it in the transaction that stores the alert: two alerts at once find each other.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [INCIDENT_LOCK, camera.site_id])
    window = timedelta(seconds=settings.INCIDENT_S)
    lasts_until = Q(ended_at=None) | Q(ended_at__gte=started_at - window)
    near = Alert.objects.filter(
        lasts_until,
        camera__in=near_cameras(camera, settings.INCIDENT_M),
        incident__isnull=False,
        started_at__lte=started_at + window,
        raised_at__gte=started_at - LONGEST,
        incident__opened_at__gte=started_at - LONGEST,
    )
    found = near.select_related("incident").order_by("-started_at").first()
    if found is not None and found.incident is not None:
        return found.incident
    return Incident.objects.create(site_id=camera.site_id)
