"""Who is called about too often: alerts and false ones by place, by hour, by area and by resident."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

from alerts.models import Verdict
from alerts.seeding.vigilance import Share
from paca_site.oversight.deciding.process import LEAST_PEOPLE
from paca_site.oversight.deciding.records import AlertRecord
from paca_site.oversight.deciding.signs import Blind
from paca_site.oversight.fairness.suppressing import publish_column
from paca_site.oversight.figures import HIDDEN_BELOW, Figure, publish, total
from paca_site.oversight.months import time_in_words

HOURS: Final = tuple(range(24))
RESIDENTS: Final = 1000
Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class BurdenRow:
    """Alerts of one place or hour by what became of them; each alert is in one column.

    Attributes:
        label: the place or hour.
        alerts: all of them, from what is told of the others.
        confirmed: a person confirmed it.
        false: dismissed: it called people for nothing.
        resolved: dismissed as dealt with already.
        undecided: nobody decided within two days.
        confirmed_share: of the confirmed and false ones; None where one of the two is hidden.
        decided_after: median time to the decision in words; empty where few were decided or by few people.
        same: second reviews that agree, of those drawn by chance; None where that is hidden or by few people.
    """

    label: str
    alerts: Figure
    confirmed: Figure
    false: Figure
    resolved: Figure
    undecided: Figure
    confirmed_share: Share | None
    decided_after: str
    same: Share | None


@dataclass(frozen=True, slots=True)
class Density:
    """So many false alerts for each unit of something, from the least to the most that what is told allows."""

    low: float
    high: float

    @property
    def is_exact(self) -> bool:
        """Whether the count behind it is told."""
        return self.low == self.high


def burden_rows(
    groups: Mapping[Key, Sequence[AlertRecord]], labels: Mapping[Key, str], blind: Mapping[int, Blind]
) -> list[BurdenRow]:
    """Return one row for each label, in their order; without alerts it is a row of zeros."""
    parts = [groups.get(key, ()) for key in labels]
    columns = zip(
        publish_column([sum(record.is_confirmed for record in part) for part in parts]),
        publish_column([sum(record.is_false for record in part) for part in parts]),
        publish_column([sum(_is_resolved(record) for record in part) for part in parts]),
        publish_column([sum(not record.verdict for record in part) for part in parts]),
        strict=True,
    )
    return [_row(label, part, told, blind) for label, part, told in zip(labels.values(), parts, columns, strict=True)]


def by_camera(records: Sequence[AlertRecord]) -> dict[int, list[AlertRecord]]:
    """Return the records by camera."""
    groups: dict[int, list[AlertRecord]] = {}
    for record in records:
        groups.setdefault(record.camera, []).append(record)
    return groups


def by_hour(records: Sequence[AlertRecord], time_zone: str) -> dict[int, list[AlertRecord]]:
    """Return the records by the hour of the day at the site in which they were raised."""
    zone = ZoneInfo(time_zone)
    groups: dict[int, list[AlertRecord]] = {}
    for record in records:
        groups.setdefault(record.raised_at.astimezone(zone).hour, []).append(record)
    return groups


def false_of(rows: Sequence[BurdenRow]) -> Figure:
    """Return the false alerts of a table, from what is told of its rows."""
    return total(row.false for row in rows)


def density(false: Figure, units: float | None) -> Density | None:
    """Return false alerts for each of `units`; None where nobody has entered how many there are."""
    return Density(false.low / units, false.high / units) if units else None


def _is_resolved(record: AlertRecord) -> bool:
    return record.verdict == Verdict.DISMISS and not record.is_false


def _row(
    label: str,
    part: Sequence[AlertRecord],
    told: tuple[Figure, Figure, Figure, Figure],
    blind: Mapping[int, Blind],
) -> BurdenRow:
    confirmed, false, resolved, undecided = told
    decided = [record for record in part if record.verdict]
    is_told = len({record.by for record in decided}) >= LEAST_PEOPLE
    are_exact = confirmed.is_exact and false.is_exact and confirmed.low + false.low > 0
    return BurdenRow(
        label=label,
        alerts=total(told),
        confirmed=confirmed,
        false=false,
        resolved=resolved,
        undecided=undecided,
        confirmed_share=Share(confirmed.low, confirmed.low + false.low) if is_told and are_exact else None,
        decided_after=time_in_words(median(record.after_s for record in decided))
        if is_told and len(decided) >= HIDDEN_BELOW
        else "",
        same=_same(part, blind) if is_told else None,
    )


def _same(part: Sequence[AlertRecord], blind: Mapping[int, Blind]) -> Share | None:
    judged = [blind[record.alert] for record in part if record.alert in blind and blind[record.alert].is_random]
    same, other = (publish(sum((one.first == one.second) is alike for one in judged)) for alike in (True, False))
    return Share(same.low, same.low + other.low) if judged and same.is_exact and other.is_exact else None
