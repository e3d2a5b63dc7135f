"""What the history page draws: the band of time with footage, gaps and alerts, its links, and what the player plays."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from alerts.models import Alert
from alerts.playback.timeline import Stretch, Timeline
from alerts.playback.window import SPANS, Window, window_around
from cameras.models import Camera

WIDTH: Final = 1000.0
NARROWEST: Final = 1.0
"""A stretch is drawn at least this wide, so that seconds show on a day."""
MARK: Final = 4.0
"""As wide as an alert is drawn; one of the last moment stays on the band."""
TICKS_S: Final = {"day": 3 * 3600, "hour": 600, "minutes": 60}


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch on the band, with where a click leads."""

    x: float
    width: float
    stretch: Stretch
    query: str


@dataclass(frozen=True, slots=True)
class Mark:
    """An alert on the band, at its start, or at the window's if it began before."""

    x: float
    at_s: float
    alert: Alert
    query: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A line with its time below."""

    x: float
    at: datetime


def address_query(at: datetime, span: str, grant: str = "") -> str:
    """Return the query of a page of history."""
    fields = {"at": at.isoformat(timespec="seconds"), "span": span}
    return urlencode(fields | ({"grant": grant} if grant else {}))


def history_context(
    camera: Camera, window: Window, timeline: Timeline, opening: str, grant: str, now: datetime
) -> dict[str, Any]:
    """Return what the page's template and the player need."""
    zone = ZoneInfo(camera.site.time_zone)
    closer = SPANS[min(SPANS.index(window.span) + 1, len(SPANS) - 1)]
    marks = [_mark(alert, window, grant) for alert in timeline.alerts]
    return {
        "camera": camera,
        "window": window,
        "opening": opening,
        "footage": _bars(timeline.footage, window, closer, grant),
        "gaps": _bars(timeline.gaps, window, closer, grant),
        "marks": marks,
        "ticks": _ticks(window),
        "pieces": timeline.pieces if window.span == "minutes" else [],
        "spans": [(span, address_query(window.at, span, grant), span == window.span) for span in SPANS],
        "earlier": _neighbour(window, window.starts_at - timedelta(seconds=1), zone, grant),
        "later": "" if window.ends_at > now else _neighbour(window, window.ends_at, zone, grant),
        "is_future": window.starts_at > now,
        "player": _player(camera, window, timeline, opening, marks),
    }


def _x(window: Window, moment: datetime) -> float:
    return round(WIDTH * min(max(window.offset_s(moment) / window.length_s, 0.0), 1.0), 2)


def _bars(stretches: Sequence[Stretch], window: Window, span: str, grant: str) -> list[Bar]:
    bars = []
    for stretch in stretches:
        x = _x(window, stretch.starts_at)
        width = max(NARROWEST, _x(window, stretch.ends_at) - x)
        local = stretch.starts_at.astimezone(window.starts_at.tzinfo)
        bars.append(Bar(min(x, WIDTH - width), round(width, 2), stretch, address_query(local, span, grant)))
    return bars


def _mark(alert: Alert, window: Window, grant: str) -> Mark:
    at = max(alert.started_at, window.starts_at)
    at = at.astimezone(window.starts_at.tzinfo)
    x, query = min(_x(window, at), WIDTH - MARK), address_query(at, "minutes", grant)
    return Mark(x, round(window.offset_s(at), 2), alert, query)


def _ticks(window: Window) -> list[Tick]:
    step_s = TICKS_S[window.span]
    ticks = []
    for number in range(1, int(window.length_s // step_s) + 1):
        at = window.moment(number * step_s)
        if at.astimezone(UTC) < window.ends_at.astimezone(UTC):
            ticks.append(Tick(_x(window, at), at))
    return ticks


def _neighbour(window: Window, moment: datetime, zone: ZoneInfo, grant: str) -> str:
    """Return the query of the window beside this one; another day asks for its own reason."""
    beside = window_around(moment, window.span, zone)
    is_same_day = beside.starts_at.date() == window.starts_at.date()
    return address_query(beside.starts_at, window.span, grant if is_same_day else "")


def _player(
    camera: Camera, window: Window, timeline: Timeline, opening: str, marks: Sequence[Mark]
) -> dict[str, Any] | None:
    """Return what the player needs, times in seconds from the window's start; None where there is nothing to play."""
    whole = [piece for piece in timeline.pieces if piece.is_whole]
    if not window.is_played or not whole:
        return None
    return {
        "startsAtMs": round(window.starts_at.timestamp() * 1000),
        "lengthS": window.length_s,
        "atS": round(window.offset_s(window.at), 2),
        "zone": camera.site.time_zone,
        "opening": opening,
        "alerts": [mark.at_s for mark in marks],
        "pieces": [
            [
                piece.pk,
                round(window.offset_s(piece.starts_at), 3),
                round(window.offset_s(piece.ends_at), 3),
            ]
            for piece in whole
        ],
    }
