"""From the running watch to the database: hours are added up, and judged in the same transaction."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from django.db.models import F, Min, QuerySet, Sum
from django.utils import timezone

from cameras.leaking.models import LeakHour, Suspension
from inference.core.leak_counts import LeakCounts
from inference.leaking.judging import JUDGED_FOR, Record
from inference.leaking.services.suspending import suspension_begin_if_above

KEPT_FOR: Final = timedelta(days=30)
SUMS: Final = ("frames", "people", "leaks", "leak_frames", "skipped", "failed")


def leak_hours_add(*, camera_id: int, counts: Sequence[LeakCounts], now: datetime | None = None) -> Suspension | None:
    """Add what was counted to the camera's hours, and judge it. Runs inside the stream's fenced transaction.

    Side effects: where the camera is above the budget, those of `suspension_begin_if_above`.

    Returns:
        The suspension, if the camera was suspended now.
    """
    spell = spell_of(camera_id)
    for one in counts:
        row, _ = LeakHour.objects.get_or_create(camera_id=camera_id, hour=one.hour, spell=spell)
        LeakHour.objects.filter(pk=row.pk).update(**{name: F(name) + getattr(one, name) for name in SUMS})
    record = record_of(hours_judged(camera_id, now or timezone.now()))
    return suspension_begin_if_above(camera_id=camera_id, record=record, now=now)


def spell_of(camera_id: int) -> int:
    """Return how many suspensions of the camera were lifted so far."""
    return Suspension.objects.filter(camera=camera_id).exclude(ended_at=None).count()


def hours_judged(camera_id: int, now: datetime) -> QuerySet[LeakHour]:
    """Return the hours that a camera is judged by: the last day, from the last lifted suspension on."""
    return LeakHour.objects.filter(camera=camera_id, spell=spell_of(camera_id), hour__gt=now - JUDGED_FOR)


def record_of(hours: QuerySet[LeakHour]) -> Record:
    """Add hours up."""
    sums = hours.aggregate(since=Min("hour"), **{f"all_{name}": Sum(name, default=0) for name in SUMS})
    return Record(sums["since"], **{name: sums[f"all_{name}"] for name in SUMS})


def leak_hours_purge(*, now: datetime | None = None) -> int:
    """Delete hours older than `KEPT_FOR`. They are counts without footage; no audit. Returns how many."""
    return LeakHour.objects.filter(hour__lt=(now or timezone.now()) - KEPT_FOR).delete()[0]
