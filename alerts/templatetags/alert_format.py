"""How alerts read: times in the site's zone, ages, durations, polygons, percentages."""

import math
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from django import template
from django.utils import timezone
from django.utils.translation import gettext

from alerts.clip_first import is_clip_first
from alerts.wording import kind_words
from cameras.line_words import line_words

register = template.Library()


class Place(Protocol):
    """Anything with a place: a camera or a site; degrees."""

    latitude: float
    longitude: float


register.filter("kind_words", kind_words)
register.filter("line_words", line_words)
register.filter("is_clip_first", is_clip_first)


@register.filter
def age(at: datetime) -> str:
    """Return how long ago, as short as `age-tick.js` writes it."""
    seconds = max(0, int((timezone.now() - at).total_seconds()))
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return gettext("{minutes} min").format(minutes=seconds // 60)
    return f"{seconds // 3600} h" if seconds < 86400 else f"{seconds // 86400} d"


@register.filter
def remaining(until: datetime) -> str:
    """Return how long is left as `age-tick.js` writes it: `2:10`, and `0:00` from then on."""
    seconds = max(0, math.ceil((until - timezone.now()).total_seconds()))
    return f"{seconds // 60}:{seconds % 60:02d}"


@register.filter
def clock(at: datetime, zone: str) -> str:
    """Return the wall time at the site, with its offset: `14:07:31 +01:00`."""
    text = at.astimezone(ZoneInfo(zone)).isoformat(timespec="seconds")[11:]
    return f"{text[:8]} {text[8:]}"


@register.filter
def day(at: datetime, zone: str) -> str:
    """Return the date at the site: `2026-11-22`."""
    return f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d}"


@register.filter
def lasting(length: timedelta) -> str:
    """Return a duration in seconds, or minutes and seconds."""
    seconds = round(length.total_seconds())
    if seconds < 60:
        return f"{seconds} s"
    return gettext("{minutes} min {seconds:02d} s").format(minutes=seconds // 60, seconds=seconds % 60)


@register.filter
def points(polygon: Iterable[Iterable[float]]) -> str:
    """Return a polygon as SVG points."""
    return " ".join(",".join(f"{float(value):.4f}" for value in corner) for corner in polygon)


@register.filter
def percent(share: float) -> str:
    """Return `0.63` as `63 %`."""
    return f"{share * 100:.0f} %"


@register.filter
def short_print(fingerprint: str) -> str:
    """Return a fingerprint cut to what a person can compare by eye."""
    name, _, digest = fingerprint.rpartition("@")
    digest = digest[:12]
    return f"{name}@{digest}" if name else digest


@register.filter
def compass(degrees: float) -> str:
    """Return the direction in words: 90 is `east`."""
    names = ("north", "north-east", "east", "south-east", "south", "south-west", "west", "north-west")
    return names[round(degrees / 45) % 8]


@register.filter
def coordinates(place: Place) -> str:
    """Return `58.1467 N 7.9956 E`, to about ten metres."""
    north, east = place.latitude, place.longitude
    return f"{abs(north):.4f} {'N' if north >= 0 else 'S'} {abs(east):.4f} {'E' if east >= 0 else 'W'}"
