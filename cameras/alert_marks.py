"""Which cameras have an open alert; `alerts` stands above this app and is read through the reverse relation."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils import timezone

from cameras.models import Camera

OPEN_STATES = ("new", "escalated")
"""Of an alert that waits for a decision; the words of `alerts.models.OPEN_STATES` (a test compares them)."""


@dataclass(frozen=True, slots=True)
class AlertMark:
    """The open alert that a camera's tile shows."""

    camera_id: int
    alert_id: int
    severity: int
    sentence: str


def desk_alerts(camera: Camera) -> Any:
    """Return a camera's alerts as the desk has them: a seeded one that waits looks like any other."""
    everything: Any = camera.alerts(manager="desk")
    return everything.on_desk()


def open_alert_marks(cameras: Sequence[Camera]) -> list[AlertMark]:
    """Return the most urgent, then newest, open alert of each camera that has one; one query."""
    rows = (
        Camera.objects.filter(
            Q(alerts__shelved_until=None) | Q(alerts__shelved_until__lte=timezone.now()),
            pk__in=[camera.pk for camera in cameras],
            alerts__state__in=OPEN_STATES,
        )
        .order_by("pk", "-alerts__severity", "-alerts__raised_at")
        .distinct("pk")
        .values_list("pk", "alerts__pk", "alerts__severity", "alerts__sentence")
    )
    return [AlertMark(*row) for row in rows]
