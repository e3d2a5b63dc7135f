"""What the audit trail says of each finished month: alerts and what became of them, who looked, what was kept.

Only finished months are counted, each as it stood at its end. The trail is append-only, so a month that was told once
is told the same for ever (`monthly` keeps it): whoever reads the page before and after an event learns nothing from
the difference.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from itertools import combinations, groupby
from operator import itemgetter
from statistics import median
from typing import Final

from django.db.models import Count

from paca_site.audit.models import AuditEntry

MONTHS: Final = 12

RAISED, UNDONE, ESCALATED = "alert.raised", "alert.decision-undone", "alert.escalated"
DECIDED: Final = ("alert.confirmed", "alert.dismissed", ESCALATED)
LOOKED: Final = (
    "camera.watched",
    "alert.clip-viewed",
    "history.opened",
    "alert.exported",
    "hold.placed",
    "warrant.opened",
    "warrant.exported",
    "warrant.handed-over",
    "warrant.refused",
)
WHOLE: Final = ("audit.exported",)
"""Of the whole installation: its entries belong to no site."""


class Outcome(StrEnum):
    """What had become of an alert by the end of the month in which it was raised; each alert has one."""

    CONFIRMED = "alert.confirmed"
    DISMISSED = "alert.dismissed"
    ESCALATED = "alert.escalated"
    WAITING = "waiting"


@dataclass(slots=True)
class MonthCounts:
    """One month of one site.

    Attributes:
        outcomes: alerts raised in it, by what had become of them.
        looked: entries by action (`LOOKED`, `WHOLE`).
        decided_after_s: median of the seconds from alert to first standing decision, for every set of outcomes: which
            of them are told is not known here.
    """

    outcomes: Counter[Outcome] = field(default_factory=Counter)
    looked: Counter[str] = field(default_factory=Counter)
    decided_after_s: dict[frozenset[Outcome], float] = field(default_factory=dict)


Key = tuple[int | None, datetime]
"""A site (None: the whole installation) and the start of a month, UTC."""


def month_of(at: datetime) -> datetime:
    """Return the start of a moment's month, UTC."""
    return at.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def month_before(start: datetime) -> datetime:
    """Return the start of the month before the one that starts at `start`."""
    return start.replace(year=start.year - 1, month=12) if start.month == 1 else start.replace(month=start.month - 1)


def month_after(start: datetime) -> datetime:
    """Return the start of the month after the one that starts at `start`."""
    return start.replace(year=start.year + 1, month=1) if start.month == 12 else start.replace(month=start.month + 1)


def finished_months(since: datetime, now: datetime) -> list[datetime]:
    """Return the starts of the finished months from the one of `since` on, newest first, at most `MONTHS`."""
    first, month = month_of(since), month_before(month_of(now))
    found: list[datetime] = []
    while month >= first and len(found) < MONTHS:
        found.append(month)
        month = month_before(month)
    return found


def count_month(start: datetime, end: datetime) -> tuple[dict[int | None, MonthCounts], int]:
    """Count the trail from `start` to `end`. Returns the counts by site, and how many entries they were made from.

    Entries come in the order of what they are about, so that one alert at a time is in memory, however many there are.
    """
    counts: dict[int | None, MonthCounts] = defaultdict(MonthCounts)
    times: dict[int | None, dict[Outcome, list[float]]] = defaultdict(lambda: defaultdict(list))
    within = AuditEntry.objects.filter(at__gte=start, at__lt=end)
    seen = 0
    looked = within.filter(action__in=(*LOOKED, *WHOLE)).order_by().values_list("site_id", "action")
    for site_id, action, entries in looked.annotate(entries=Count("pk")):
        counts[None if action in WHOLE else site_id].looked[action] += entries
        seen += entries
    about = within.filter(action__in=(RAISED, UNDONE, *DECIDED)).order_by("subject", "number")
    rows = about.values_list("subject", "site_id", "action", "body").iterator(chunk_size=5000)
    for _subject, entries_of_alert in groupby(rows, key=itemgetter(0)):
        alert = list(entries_of_alert)
        seen += len(alert)
        raised = next((number for number, row in enumerate(alert) if row[2] == RAISED), None)
        if raised is None:
            continue  # an alert of another month: that month is over, and stays as it was
        outcome, after_s = _outcome(_standing([(row[2], row[3]) for row in alert[raised + 1 :]]))
        site_id = alert[raised][1]
        counts[site_id].outcomes[outcome] += 1
        if after_s is not None:
            times[site_id][outcome].append(after_s)
    for site_id, by_outcome in times.items():
        counts[site_id].decided_after_s = medians(by_outcome)
    return dict(counts), seen


def medians(times: Mapping[Outcome, Sequence[float]]) -> dict[frozenset[Outcome], float]:
    """Return the median of the times of every non-empty set of outcomes; each outcome has at least one time."""
    return {
        frozenset(told): median(after_s for outcome in told for after_s in times[outcome])
        for size in range(1, len(times) + 1)
        for told in combinations(times, size)
    }


@dataclass(frozen=True, slots=True)
class _Standing:
    """A decision that nobody has taken back."""

    decision: int
    action: str
    after_s: float


def _standing(rows: Sequence[tuple[str, str]]) -> list[_Standing]:
    """Return the decisions about one alert that nobody took back, from actions and bodies in their order."""
    standing: list[_Standing] = []
    for action, body in rows:
        details = json.loads(body)["details"]
        if action == UNDONE:
            standing = [kept for kept in standing if kept.decision != details["revokes"]]
        elif action in DECIDED:
            standing.append(_Standing(details["decision"], action, details["after_s"]))
    return standing


def _outcome(decisions: list[_Standing]) -> tuple[Outcome, float | None]:
    if not decisions:
        return Outcome.WAITING, None
    actions = [decision.action for decision in decisions]
    return Outcome(ESCALATED if ESCALATED in actions else actions[-1]), decisions[0].after_s
