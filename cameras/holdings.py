"""What is kept now, counted: per camera for the page "What is kept", per policy before it is shortened."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, DurationField, ExpressionWrapper, F, Max, Min, Q, QuerySet, Sum, Value
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Coalesce, Now
from django.utils import timezone

from cameras.custody.models import SealedHour
from cameras.holds import AROUND, held_alert, held_segment
from cameras.models import Camera, LegalHold, RetentionPolicy, Segment

OVERDUE_AFTER = timedelta(minutes=65)
"""The ceiling is kept by an hourly purge; what is older by more than that and the time a purge takes is overdue."""


@dataclass(frozen=True, slots=True)
class Recordings:
    """Masked segments of one camera, or its sealed unmasked ones."""

    count: int = 0
    size_bytes: int = 0
    duration: timedelta = timedelta()
    oldest_at: datetime | None = None
    newest_at: datetime | None = None
    overdue: int = 0
    held: int = 0

    @property
    def hours(self) -> float:
        """How much video there is, in hours."""
        return self.duration.total_seconds() / 3600


@dataclass(frozen=True, slots=True)
class Holding:
    """What is kept of one camera."""

    camera: Camera
    recordings: Recordings = field(default_factory=Recordings)
    sealed: Recordings = field(default_factory=Recordings)
    clips: int = 0
    alerts: int = 0
    oldest_alert_at: datetime | None = None
    overdue_alerts: int = 0
    held_alerts: int = 0

    @property
    def held(self) -> int:
        """How many things a legal hold keeps past their ceiling or would keep."""
        return self.recordings.held + self.sealed.held + self.held_alerts

    @property
    def overdue(self) -> int:
        """How many things are kept longer than the policy allows; must be 0."""
        return self.recordings.overdue + self.sealed.overdue + self.overdue_alerts


@dataclass(frozen=True, slots=True)
class Shortening:
    """What the next hourly purge deletes if a policy becomes what is proposed."""

    segments: int
    size_bytes: int
    clips: int
    alerts: int
    sealed: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether nothing would go."""
        return not (self.segments or self.clips or self.alerts or self.sealed)


def _ceiling(column: str, unit: timedelta) -> "ExpressionWrapper[CombinedExpression]":
    return ExpressionWrapper(F(column) * Value(unit), output_field=DurationField())


def _recordings(
    footage: "QuerySet[Segment] | QuerySet[SealedHour]", hours: str, cameras: Sequence[Camera], late: timedelta
) -> dict[int, Recordings]:
    """Count footage by camera; `hours` is the ceiling's column in the policy."""
    overdue = Q(started_at__lt=Now() - _ceiling(f"camera__retention__{hours}", timedelta(hours=1)) - late)
    is_held = Q(held_segment())
    rows = (
        footage.filter(camera__in=cameras)
        .values("camera")
        .order_by("camera")
        .annotate(
            count=Count("pk"),
            size_bytes=Coalesce(Sum("size_bytes"), 0),
            duration=Sum(F("ended_at") - F("started_at"), output_field=DurationField()),
            oldest_at=Min("started_at"),
            newest_at=Max("started_at"),
            overdue=Count("pk", filter=overdue & ~is_held),
            held=Count("pk", filter=is_held),
        )
    )
    return {
        row["camera"]: Recordings(
            row["count"],
            row["size_bytes"],
            row["duration"] or timedelta(),
            row["oldest_at"],
            row["newest_at"],
            row["overdue"],
            row["held"],
        )
        for row in rows
    }


def _alerts(cameras: Sequence[Camera], late: timedelta) -> dict[int, dict[str, Any]]:
    """Count alerts from below, through the reverse relation: alerts stand above this app."""
    has_clip, is_held = ~Q(alerts__clip_path="") & Q(alerts__isnull=False), Q(held_alert("alerts__"))
    late_alert = Q(alerts__raised_at__lt=Now() - _ceiling("retention__alert_days", timedelta(days=1)) - late)
    late_clip = has_clip & Q(alerts__raised_at__lt=Now() - _ceiling("retention__clip_days", timedelta(days=1)) - late)
    rows = (
        Camera.objects.filter(pk__in=[camera.pk for camera in cameras])
        .order_by()
        .values("pk")
        .annotate(
            clips=Count("alerts", filter=has_clip),
            alerts_kept=Count("alerts"),
            oldest_alert_at=Min("alerts__raised_at"),
            overdue_alerts=Count("alerts", filter=(late_alert | late_clip) & ~is_held),
            held_alerts=Count("alerts", filter=Q(alerts__isnull=False) & is_held),
        )
    )
    return {row["pk"]: dict(row) for row in rows}


@dataclass(frozen=True, slots=True)
class Expiring:
    """What of one camera reaches its ceiling soon, or has; what a hold keeps is not in it.

    Attributes:
        alerts: alerts that go, or lose their clip.
    """

    camera: Camera
    recordings: int
    sealed: int
    alerts: int
    held: int


def expiring_within(cameras: Sequence[Camera], span: timedelta) -> list[Expiring]:
    """Return what reaches its ceiling within a span, of cameras that have some; three queries."""
    found = [
        Expiring(each.camera, each.recordings.overdue, each.sealed.overdue, each.overdue_alerts, each.held)
        for each in camera_holdings(cameras, late=-span)
    ]
    return [each for each in found if each.recordings or each.sealed or each.alerts]


def camera_holdings(cameras: Sequence[Camera], late: timedelta = OVERDUE_AFTER) -> list[Holding]:
    """Return what is kept of each camera; three queries, however many cameras.

    `late` says what counts as overdue: so long after its ceiling, or before it where it is negative.
    """
    recordings = _recordings(Segment.objects.all(), "masked_hours", cameras, late)
    sealed = _recordings(SealedHour.objects.all(), "raw_hours", cameras, late)
    alerts = _alerts(cameras, late)
    return [
        Holding(
            camera=camera,
            recordings=recordings.get(camera.pk, Recordings()),
            sealed=sealed.get(camera.pk, Recordings()),
            clips=alerts[camera.pk]["clips"],
            alerts=alerts[camera.pk]["alerts_kept"],
            oldest_alert_at=alerts[camera.pk]["oldest_alert_at"],
            overdue_alerts=alerts[camera.pk]["overdue_alerts"],
            held_alerts=alerts[camera.pk]["held_alerts"],
        )
        for camera in cameras
        if camera.pk in alerts
    ]


def policy_shortening(policy: RetentionPolicy) -> Shortening:
    """Return what is older than the ceilings `policy` has now, saved or only proposed, over all its cameras."""
    now = timezone.now()
    older = Segment.objects.filter(camera__retention_id=policy.pk, started_at__lt=now - policy.masked_for)
    segments = older.exclude(held_segment()).aggregate(count=Count("pk"), size_bytes=Coalesce(Sum("size_bytes"), 0))
    sealed = SealedHour.objects.filter(camera__retention_id=policy.pk, started_at__lt=now - policy.raw_for)
    under = Camera.objects.filter(retention_id=policy.pk).order_by()
    is_free = Q(alerts__isnull=False) & ~Q(held_alert("alerts__"))
    has_clip = ~Q(alerts__clip_path="") & is_free
    alerts = under.aggregate(
        clips=Count("alerts", filter=has_clip & Q(alerts__raised_at__lt=now - policy.clips_for)),
        alerts=Count("alerts", filter=is_free & Q(alerts__raised_at__lt=now - policy.alerts_for)),
    )
    return Shortening(
        segments["count"],
        segments["size_bytes"],
        alerts["clips"],
        alerts["alerts"],
        sealed.exclude(held_segment()).count(),
    )


@dataclass(frozen=True, slots=True)
class HoldContent:
    """What of a hold is there now."""

    segments: int
    size_bytes: int
    first_at: datetime | None
    last_at: datetime | None
    alerts: int
    sealed: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether nothing of it exists (any more)."""
        return not (self.segments or self.alerts or self.sealed)


def hold_content(hold: LegalHold) -> HoldContent:
    """Count what a hold covers; three queries."""
    within = Q(started_at__lt=hold.ends_at) & (Q(ended_at__gt=hold.starts_at) | Q(ended_at=None))
    found = Segment.objects.filter(within, camera=hold.camera_id).aggregate(
        count=Count("pk"),
        size_bytes=Coalesce(Sum("size_bytes"), 0),
        first_at=Min("started_at"),
        last_at=Max("ended_at"),
    )
    sealed = SealedHour.objects.filter(within, camera=hold.camera_id).count()
    near = Q(alerts__started_at__lt=hold.ends_at + AROUND) & (
        Q(alerts__ended_at__gt=hold.starts_at - AROUND) | Q(alerts__ended_at=None)
    )
    alerts = Camera.objects.filter(pk=hold.camera_id).aggregate(alerts=Count("alerts", filter=near))
    return HoldContent(
        found["count"], found["size_bytes"], found["first_at"], found["last_at"], alerts["alerts"], sealed
    )
