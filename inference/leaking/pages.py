"""What the pages of the leak watch show: each camera's last day, and one camera's hours."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.db.models import Count, F, Min, OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext

from cameras.leaking.models import LeakHour, Suspension
from cameras.models import Camera, Modality
from inference.commissioning.intervals import Interval
from inference.leaking.judging import JUDGED_FOR, Record
from inference.leaking.services.counting import SUMS

HOURS_SHOWN: Final = 72


@dataclass(frozen=True, slots=True)
class Watched:
    """How one camera stands with the leak watch.

    Attributes:
        camera: it.
        record: the hours it is judged by.
        suspension: what stopped it; None: nothing.
        is_on_a_box: a camera box masks it, where nothing looks again.
    """

    camera: Camera
    record: Record
    suspension: Suspension | None
    is_on_a_box: bool

    @property
    def rate(self) -> Interval | None:
        """Leaks per 1,000 people with the 95 % interval."""
        return self.record.per_1000

    @property
    def sentence(self) -> str:
        """How it stands, in a sentence."""
        if self.suspension is not None:
            return self.suspension.sentence
        if self.is_on_a_box:
            return gettext("Not watched: its camera box masks it, and boxes do not look again.")
        if not settings.LEAK_WATCH:
            return gettext("Not watched: the leak watch is off (PACA_LEAK_WATCH).")
        if not self.record.people:
            return gettext("Nobody was seen in the frames looked at within the last day.")
        return gettext("Within the last day {leaks} of {people} people looked at were not fully covered.").format(
            leaks=self.record.leaks, people=self.record.people
        )


def watched_of(cameras: Sequence[Camera], now: datetime | None = None) -> list[Watched]:
    """Return how cameras stand, in their order; three queries."""
    now = now or timezone.now()
    current = {one.camera_id: one for one in Suspension.objects.current().filter(camera__in=cameras)}
    lifted = (
        Suspension.objects.filter(camera=OuterRef("camera"))
        .exclude(ended_at=None)
        .order_by()
        .values("camera")
        .annotate(count=Count("pk"))
        .values("count")
    )
    sums: dict[str, Any] = {f"all_{name}": Sum(name) for name in SUMS}
    rows: Iterable[Any] = (
        LeakHour.objects.filter(camera__in=cameras, hour__gt=now - JUDGED_FOR)
        .annotate(now_spell=Coalesce(Subquery(lifted), 0))
        .filter(spell=F("now_spell"))
        .order_by()
        .values("camera")
        .annotate(since=Min("hour"), **sums)
    )
    records = {row["camera"]: Record(row["since"], **{name: row[f"all_{name}"] for name in SUMS}) for row in rows}
    boxed = set(
        Camera.objects.filter(pk__in=[camera.pk for camera in cameras], placement__isnull=False)
        .exclude(modality=Modality.CENTRAL)
        .values_list("pk", flat=True)
    )
    return [
        Watched(camera, records.get(camera.pk, Record(None)), current.get(camera.pk), camera.pk in boxed)
        for camera in cameras
    ]


def hours_shown(camera: Camera) -> list[tuple[LeakHour, Interval | None]]:
    """Return the newest hours of a camera, each with its leaks per 1,000 people and their interval; one query."""
    return [(hour, _rate(hour)) for hour in LeakHour.objects.filter(camera=camera)[:HOURS_SHOWN]]


def _rate(hour: LeakHour) -> Interval | None:
    return Record(hour.hour, **{name: getattr(hour, name) for name in SUMS}).per_1000
