"""Noting what each camera takes, day by day, before the hours it is worked out from are deleted."""

import logging
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Sum
from django.db.models.functions import TruncDate
from django.utils import timezone

from cameras.models import Camera, Segment
from inference.models import ScoreHour, StreamState
from paca_site.oversight.benefit.models import CameraDay

logger = logging.getLogger(__name__)
BACK: Final = timedelta(days=12)
"""The hours are kept for 14 days; so a day is noted whole even after the beat was away for more than a week."""
FRESH: Final = timedelta(minutes=5)
"""An older state of a stream tells nothing of what it takes now."""


def camera_days_note(*, now: datetime | None = None) -> int:
    """Note the days of all cameras, also those that were missed. Run it hourly; twice does no harm.

    A day's hours and space only grow, so that a run after some of them were deleted takes nothing away. No audit: no
    person and no footage is in it.

    Returns:
        How many rows were written.
    """
    moment = now or timezone.now()
    today = moment.astimezone(UTC).date()
    observed = _observed(today)
    kept: dict[int, int] = dict(
        Segment.objects.order_by().values("camera").annotate(size=Sum("size_bytes")).values_list("camera", "size")
    )
    frame_ms = _frame_ms(moment)
    count = 0
    for camera in Camera.objects.all():
        days = observed.get(camera.pk, {})
        if today not in days and (camera.pk in kept or camera.pk in frame_ms):
            days[today] = 0.0
        for day, observed_s in days.items():
            is_today = day == today
            _note(
                camera,
                day,
                observed_s,
                kept_bytes=kept.get(camera.pk, 0) if is_today else 0,
                frame_ms=frame_ms.get(camera.pk) if is_today else None,
            )
            count += 1
    return count


def _observed(today: date) -> dict[int, dict[date, float]]:
    first = datetime.combine(today, datetime.min.time(), UTC) - BACK
    rows = (
        ScoreHour.objects.filter(hour__gte=first)
        .order_by()
        .values("camera", day=TruncDate("hour", tzinfo=UTC))
        .annotate(observed_s=Sum("observed_s"))
        .values_list("camera", "day", "observed_s")
    )
    found: dict[int, dict[date, float]] = defaultdict(dict)
    for camera, day, observed_s in rows:
        found[camera][day] = observed_s
    return found


def _frame_ms(moment: datetime) -> dict[int, float]:
    fresh = StreamState.objects.filter(updated_at__gt=moment - FRESH, mask_ms__gt=0)
    return {
        camera: mask_ms + detect_ms for camera, mask_ms, detect_ms in fresh.values_list("pk", "mask_ms", "detect_ms")
    }


def _note(camera: Camera, day: date, observed_s: float, *, kept_bytes: int, frame_ms: float | None) -> None:
    with transaction.atomic():
        row, is_new = CameraDay.objects.select_for_update().get_or_create(
            camera=camera,
            day=day,
            defaults={"site_id": camera.site_id, "frames_per_second": camera.frames_per_second},
        )
        row.observed_s = max(row.observed_s, observed_s)
        row.kept_bytes = max(row.kept_bytes, kept_bytes)
        if frame_ms is not None:
            row.frame_ms = (row.frame_ms * row.samples + frame_ms) / (row.samples + 1)
            row.samples += 1
            row.frames_per_second = camera.frames_per_second
        row.save()
    if is_new:
        logger.debug("camera %s: day %s is noted", camera.pk, day)
