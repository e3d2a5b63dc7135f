"""The monthly tables of the transparency page, made of published figures only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext

from paca_site.oversight.counting import LOOKED, WHOLE, Key, MonthCounts, Outcome
from paca_site.oversight.figures import HIDDEN_BELOW, Figure, publish, total


@dataclass(frozen=True, slots=True)
class MonthRow:
    """One month (or all together, `start` None) as it is told.

    Attributes:
        start: of the month, UTC.
        alerts: sum of the published outcomes.
        outcomes: in the order of `Outcome`.
        decided_after: median time to a decision, in words.
        looked: in the order of `LOOKED`.
    """

    start: datetime | None
    alerts: Figure
    outcomes: tuple[Figure, ...]
    decided_after: str
    looked: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class WholeRow:
    """One month of the whole installation: figures in the order of `WHOLE`."""

    start: datetime
    looked: tuple[Figure, ...]


def site_rows(counts: Mapping[Key, MonthCounts], site_id: int, months: Sequence[datetime]) -> list[MonthRow]:
    """Return one row per month, then their sum; nothing where no month is finished."""
    rows = [_row(month, counts.get((site_id, month), MonthCounts())) for month in months]
    return [*rows, _together(rows)] if rows else []


def whole_rows(counts: Mapping[Key, MonthCounts], months: Sequence[datetime]) -> list[WholeRow]:
    """Return one row per month of what belongs to no site."""
    return [
        WholeRow(month, tuple(publish(counts.get((None, month), MonthCounts()).looked[action]) for action in WHOLE))
        for month in months
    ]


def _row(month: datetime, counts: MonthCounts) -> MonthRow:
    outcomes = {outcome: publish(counts.outcomes[outcome]) for outcome in Outcome}
    return MonthRow(
        start=month,
        alerts=total(outcomes.values()),
        outcomes=tuple(outcomes.values()),
        decided_after=_decided_after(counts, outcomes),
        looked=tuple(publish(counts.looked[action]) for action in LOOKED),
    )


def _together(rows: Sequence[MonthRow]) -> MonthRow:
    outcomes = tuple(total(column) for column in zip(*(row.outcomes for row in rows), strict=True))
    return MonthRow(
        start=None,
        alerts=total(outcomes),
        outcomes=outcomes,
        decided_after="",
        looked=tuple(total(column) for column in zip(*(row.looked for row in rows), strict=True)),
    )


def _decided_after(counts: MonthCounts, outcomes: Mapping[Outcome, Figure]) -> str:
    """Return the median over the outcomes whose count is told: a hidden alert must not move it."""
    told = frozenset(
        outcome
        for outcome, figure in outcomes.items()
        if outcome != Outcome.WAITING and figure.is_exact and counts.outcomes[outcome]
    )
    if sum(counts.outcomes[outcome] for outcome in told) < HIDDEN_BELOW:
        return gettext("not told")
    return time_in_words(counts.decided_after_s[told])


def time_in_words(seconds: float) -> str:
    """Return a time to ten seconds, minutes or hours: a median is no stop-watch of one person."""
    if seconds < 95:
        return f"{max(10, round(seconds / 10) * 10)} s"
    if seconds < 95 * 60:
        return gettext("{minutes} min").format(minutes=round(seconds / 60))
    return f"{round(seconds / 3600)} h"
