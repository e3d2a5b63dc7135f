"""What the audit trail says of each finished month: alerts and what became of them, who looked, what was kept.

Only finished months are counted, each as it stood at its end. The trail is append-only, so a month that was told once
is told the same for ever: whoever reads the page before and after an event learns nothing from the difference.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from django.core.cache import cache
from django.db.models import Count
from django.db.models.functions import TruncMonth

from paca_site.audit.models import AuditEntry

MONTHS: Final = 12
KEPT_FOR_S: Final = 6 * 3600
"""A finished month does not change; counting a year of a large trail takes seconds."""

RAISED, UNDONE, ESCALATED = "alert.raised", "alert.decision-undone", "alert.escalated"
DECIDED: Final = ("alert.confirmed", "alert.dismissed", ESCALATED)
LOOKED: Final = (
    "camera.watched",
    "alert.clip-viewed",
    "history.opened",
    "alert.exported",
    "hold.placed",
    "warrant.opened",
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
        decided_after_s: seconds from alert to its first standing decision, by outcome.
    """

    outcomes: Counter[Outcome] = field(default_factory=Counter)
    looked: Counter[str] = field(default_factory=Counter)
    decided_after_s: dict[Outcome, list[float]] = field(default_factory=lambda: defaultdict(list))


Key = tuple[int | None, datetime]
"""A site (None: the whole installation) and the start of a month, UTC."""


def month_of(at: datetime) -> datetime:
    """Return the start of a moment's month, UTC."""
    return at.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def month_before(start: datetime) -> datetime:
    """Return the start of the month before the one that starts at `start`."""
    return start.replace(year=start.year - 1, month=12) if start.month == 1 else start.replace(month=start.month - 1)


def finished_months(since: datetime, now: datetime) -> list[datetime]:
    """Return the starts of the finished months from the one of `since` on, newest first, at most `MONTHS`."""
    first, month = month_of(since), month_before(month_of(now))
    found: list[datetime] = []
    while month >= first and len(found) < MONTHS:
        found.append(month)
        month = month_before(month)
    return found


def monthly_counts(now: datetime) -> dict[Key, MonthCounts]:
    """Return the counts of the last finished months of all sites; a site without any entry in a month is absent."""
    end = month_of(now)
    key = f"oversight-months-{end:%Y-%m}"
    found: dict[Key, MonthCounts] | None = cache.get(key)
    if found is None:
        found = _count(finished_months(datetime.min.replace(tzinfo=UTC), now)[-1], end)
        cache.set(key, found, KEPT_FOR_S)
    return found


def _count(start: datetime, end: datetime) -> dict[Key, MonthCounts]:
    counts: dict[Key, MonthCounts] = defaultdict(MonthCounts)
    rows = (
        AuditEntry.objects.filter(action__in=(*LOOKED, *WHOLE), at__gte=start, at__lt=end)
        .order_by()
        .values_list("site_id", "action", TruncMonth("at", tzinfo=UTC))
        .annotate(entries=Count("pk"))
    )
    for site_id, action, month, entries in rows:
        counts[None if action in WHOLE else site_id, month].looked[action] += entries
    for key, outcome, after_s in _alerts(start, end):
        counts[key].outcomes[outcome] += 1
        if after_s is not None:
            counts[key].decided_after_s[outcome].append(after_s)
    return dict(counts)


@dataclass(frozen=True, slots=True)
class _Standing:
    """A decision that nobody has taken back."""

    decision: int
    action: str
    after_s: float


def _alerts(start: datetime, end: datetime) -> Iterator[tuple[Key, Outcome, float | None]]:
    """Yield site and month, outcome and seconds to the first decision of each alert raised from `start` to `end`."""
    raised: dict[str, Key] = {}
    standing: dict[str, list[_Standing]] = defaultdict(list)
    entries = AuditEntry.objects.filter(action__in=(RAISED, UNDONE, *DECIDED), at__gte=start, at__lt=end)
    rows = entries.order_by("number").values_list("site_id", "subject", "action", "at", "body")
    for site_id, subject, action, at, body in rows.iterator():
        if action == RAISED:
            raised[subject] = (site_id, month_of(at))
            continue
        if subject not in raised or raised[subject][1] != month_of(at):
            continue  # of an alert of another month: that month is over, and stays as it was
        details = json.loads(body)["details"]
        if action == UNDONE:
            standing[subject] = [kept for kept in standing[subject] if kept.decision != details["revokes"]]
        else:
            standing[subject].append(_Standing(details["decision"], action, details["after_s"]))
    for subject, key in raised.items():
        yield key, *_outcome(standing.get(subject, []))


def _outcome(decisions: list[_Standing]) -> tuple[Outcome, float | None]:
    if not decisions:
        return Outcome.WAITING, None
    actions = [decision.action for decision in decisions]
    return Outcome(ESCALATED if ESCALATED in actions else actions[-1]), decisions[0].after_s
