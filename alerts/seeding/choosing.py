"""When a test comes, and which clip it shows."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count
from django.utils.crypto import salted_hmac

from alerts.models import Alert, AlertState, ClipState
from alerts.seeding.models import KnownClip
from alerts.shifts import Shift
from cameras.footage import footage_path

SPREAD_OVER = timedelta(hours=8)
HOURS_APART = 3.0
"""A clip of the night by day says of itself what it is."""


def moment_of(shift: Shift, place: int, per_shift: int) -> datetime:
    """Return when a shift's test comes: somewhere in its part of the first 8 hours, not to be foreseen without the key.

    Worked out anew each time, so that nothing has to be stored; a key that dies with the process only moves moments.
    """
    drawn = salted_hmac("alerts.seeding", f"{shift.pk} {place}", algorithm="sha256").digest()
    share = int.from_bytes(drawn[:4], "big") / 2**32
    return shift.started_at + SPREAD_OVER * ((place + share) / per_shift)


def is_usable(source: Alert) -> bool:
    """Return whether an alert can be shown again: decided, ended, and its clip still there within its own ceiling."""
    return (
        not source.is_seeded
        and source.state in {AlertState.CONFIRMED, AlertState.DISMISSED}
        and source.ended_at is not None
        and source.clip_started_at is not None
        and source.clip_state == ClipState.READY
        and bool(source.clip_path)
        and footage_path(source.clip_path).is_file()
    )


def choose_clip(site_id: int, now: datetime) -> KnownClip | None:
    """Return the clip shown least so far of those of about this time of day; None without any."""
    found = KnownClip.objects.filter(alert__camera__site=site_id, alert__camera__is_enabled=True)
    counted = found.select_related("alert__camera__site").annotate(shown=Count("seeds")).order_by("shown", "?")
    usable = (clip for clip in counted if is_usable(clip.alert) and _is_near(clip.alert, now))
    return next(usable, None)


def _is_near(source: Alert, now: datetime) -> bool:
    zone = ZoneInfo(source.camera.site.time_zone)
    then, here = (at.astimezone(zone) for at in (source.started_at, now))
    apart = abs((then.hour + then.minute / 60) - (here.hour + here.minute / 60))
    return min(apart, 24 - apart) <= HOURS_APART
