"""Which stretch of time a history page shows: a day, an hour or ten minutes of the camera's own clock; no Django."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.utils.translation import gettext

SPANS: Final = ("day", "hour", "minutes")
"""From the widest to the closest; `minutes` are ten of them."""
PLAYED: Final = ("hour", "minutes")
"""What is played as one film; a day only shows where to look."""


class WindowError(ValueError):
    """The address names no moment or no span."""


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of time, first moment included, last one not.

    Attributes:
        span: one of `SPANS`.
        starts_at, ends_at: in the camera's time zone; a day may have 23 or 25 hours.
        at: the moment asked for, inside.
    """

    span: str
    starts_at: datetime
    ends_at: datetime
    at: datetime

    @property
    def length_s(self) -> float:
        """Real seconds from start to end, whatever the clocks do."""
        return (self.ends_at.astimezone(UTC) - self.starts_at.astimezone(UTC)).total_seconds()

    @property
    def is_played(self) -> bool:
        """Whether it is short enough to be one film."""
        return self.span in PLAYED

    def offset_s(self, moment: datetime) -> float:
        """Return real seconds from the start to a moment."""
        return (moment.astimezone(UTC) - self.starts_at.astimezone(UTC)).total_seconds()

    def moment(self, offset_s: float) -> datetime:
        """Return the moment so many real seconds after the start, in the camera's time zone."""
        zone = self.starts_at.tzinfo
        return (self.starts_at.astimezone(UTC) + timedelta(seconds=offset_s)).astimezone(zone)


def window_around(moment: datetime, span: str, zone: ZoneInfo) -> Window:
    """Return the day, hour or ten minutes that a moment lies in.

    Raises:
        WindowError: the span is none of `SPANS`.
    """
    local = moment.astimezone(zone)
    if span == "day":
        start = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
        end = (start + timedelta(days=1)).replace(fold=0)  # by the calendar: the next midnight of this place
        return Window(span, start, end, local)
    if span == "hour":
        start, length = local.replace(minute=0, second=0, microsecond=0), timedelta(hours=1)
    elif span == "minutes":
        start, length = local.replace(minute=local.minute // 10 * 10, second=0, microsecond=0), timedelta(minutes=10)
    else:
        raise WindowError(
            gettext("`span` must be one of {spans}; got {given!r}.").format(spans=", ".join(SPANS), given=span[:20])
        )
    return Window(span, start, (start.astimezone(UTC) + length).astimezone(zone), local)


def read_window(at: str, span: str, zone: ZoneInfo, now: datetime) -> Window:
    """Return the window that an address asks for; without a moment, the one that is now.

    Args:
        at: ISO 8601; without an offset it is the camera's own time.
        span: one of `SPANS`; empty: an hour.
        zone: the camera's.
        now: the present.

    Raises:
        WindowError: the moment or the span cannot be read, or is outside what a calendar can hold.
    """
    try:
        moment = datetime.fromisoformat(at) if at else now
        if not 2000 <= moment.year < 2100:
            raise WindowError(gettext("`at` must lie between 2000 and 2100; got {given!r}.").format(given=at[:40]))
        aware = moment if moment.tzinfo else moment.replace(tzinfo=zone)
        return window_around(aware, span or "hour", zone)
    except WindowError:
        raise
    except (ValueError, OverflowError):
        raise WindowError(
            gettext("`at` must be a moment such as 2026-11-23T14:05; got {given!r}.").format(given=at[:40])
        ) from None
