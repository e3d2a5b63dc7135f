"""What legal holds protect: conditions for queries, and the lock between placing a hold and deleting."""

from datetime import timedelta
from typing import Final

from django.db import connection
from django.db.models import Exists, F, OuterRef
from django.db.models.functions import Coalesce, Now

from cameras.models import LegalHold

AROUND: Final = timedelta(minutes=1)
"""An alert so close to what is held is held too: its clip starts up to 60 s before the event and ends so long after."""

PURGE_LOCK: Final = 0x484F4C44  # "HOLD"


def purge_lock(camera_id: int) -> None:
    """Make others who delete footage of the camera, or place a hold on it, wait until this transaction ends.

    What a hold found when it was placed is then still there afterwards: no purge has it half deleted in its hands.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [PURGE_LOCK, camera_id])


def held_segment() -> Exists:
    """Return the condition that a `Segment` is held."""
    end = Coalesce(OuterRef("ended_at"), Now())
    holds = LegalHold.objects.current().filter(camera=OuterRef("camera"), ends_at__gt=OuterRef("started_at"))
    return Exists(holds.filter(starts_at__lt=end))


def held_alert(prefix: str = "") -> Exists:
    """Return the condition that an alert is held; `prefix` leads to it (`alerts__` from a camera)."""
    start = OuterRef(f"{prefix}started_at")
    end = Coalesce(OuterRef(f"{prefix}ended_at"), Now())
    camera = OuterRef("pk") if prefix else OuterRef("camera")
    return Exists(
        LegalHold.objects.current()
        .filter(camera=camera)
        .alias(from_at=F("starts_at") - AROUND, until_at=F("ends_at") + AROUND)
        .filter(until_at__gt=start, from_at__lt=end)
    )
