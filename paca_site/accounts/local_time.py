"""Which clock a person reads: their sites', where these have one; and days as moments on a clock."""

from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from paca_site.accounts.models import SiteScope, User

NEUTRAL: Final = "UTC"
"""Where sites lie in several zones, or there is none: a day then is one in UTC, and every page says so."""


def zone_of(user: User) -> str:
    """Return the IANA name of the time zone that all current sites of a person have; `NEUTRAL` where they differ."""
    zones = set(SiteScope.objects.current().filter(user=user).values_list("site__time_zone", flat=True))
    return zones.pop() if len(zones) == 1 else NEUTRAL


def day_begins(day: date, zone: str) -> datetime:
    """Return the first moment of a day on the clock of a zone."""
    return datetime.combine(day, time.min, ZoneInfo(zone))


def day_ends(day: date, zone: str) -> datetime:
    """Return the first moment after a day on the clock of a zone; a day may have 23 or 25 hours."""
    return day_begins(day + timedelta(days=1), zone)


def local_text(at: datetime, zone: str) -> str:
    """Return a moment on the clock of a zone for files, with its offset: `2026-11-24T05:42:05+01:00`."""
    return at.astimezone(ZoneInfo(zone)).isoformat(timespec="seconds")
