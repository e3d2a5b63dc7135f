"""What is known from earlier alerts of the same camera: how often it was right, and what came last."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Prefetch, Q
from django.utils import timezone

from alerts.models import Alert, AlertState, Decision
from cameras.models import Camera

RECORD_FOR = timedelta(days=30)
ENOUGH = 10  # fewer decided alerts say nothing about how often the next one is right
DECIDED = (AlertState.CONFIRMED, AlertState.DISMISSED)


@dataclass(frozen=True, slots=True)
class LocalRecord:
    """How many alerts of a camera were decided in the last 30 days, and how many of them were confirmed."""

    decided: int
    confirmed: int

    @property
    def is_enough(self) -> bool:
        """Whether there are enough to say something."""
        return self.decided >= ENOUGH


def local_record(camera: Camera) -> LocalRecord:
    """Count a camera's decided and confirmed alerts of the last 30 days."""
    counts = Alert.objects.filter(
        camera=camera, state__in=DECIDED, raised_at__gte=timezone.now() - RECORD_FOR
    ).aggregate(decided=Count("pk"), confirmed=Count("pk", filter=Q(state=AlertState.CONFIRMED)))
    return LocalRecord(decided=counts["decided"], confirmed=counts["confirmed"])


def last_alerts(alert: Alert, count: int = 5) -> list[Alert]:
    """Return the camera's alerts before this one, newest first, with their decisions."""
    return list(
        Alert.objects.filter(camera=alert.camera_id, raised_at__lte=alert.raised_at)
        .exclude(pk=alert.pk)
        .order_by("-raised_at", "-pk")
        .prefetch_related(Prefetch("decisions", Decision.objects.select_related("by").order_by("-at")))[:count]
    )
