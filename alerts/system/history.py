"""What the pages of system alerts show: what to look after now, and the history by position."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from alerts.system.access import last_supervision, visible_system_alerts
from alerts.system.models import Supervision, SystemAlert
from paca_site.accounts.models import User

PER_PAGE: Final = 50
SHOWN: Final = 100
SILENT_AFTER: Final = timedelta(seconds=20)


@dataclass(frozen=True, slots=True)
class Current:
    """What to look after now, and whether anybody looks. Unacknowledged first, then what goes on, then faults.

    Attributes:
        alerts: at most `SHOWN`.
        silence: the last check, if it was too long ago: then the list may be out of date.
    """

    alerts: list[SystemAlert]
    total: int
    silence: Supervision | None

    @property
    def unnoted(self) -> int:
        """How many of the shown ones nobody has acknowledged."""
        return sum(alert.acknowledged_at is None for alert in self.alerts)


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """Some alerts, and the key of the last one where older ones follow."""

    alerts: list[SystemAlert]
    next_before: int | None
    is_first: bool


def current_alerts(user: User) -> Current:
    """Return what a person should look after now."""
    found = visible_system_alerts(user).current()  # type: ignore[attr-defined]  # the manager's own query set
    ordered = found.order_by(
        F("acknowledged_at").asc(nulls_first=True), F("ended_at").asc(nulls_first=True), "-began_at"
    )
    alerts = sorted(
        ordered[:SHOWN],
        key=lambda alert: (alert.acknowledged_at is not None, alert.ended_at is not None, not alert.rule.is_grave),
    )
    supervision = last_supervision()
    is_silent = supervision is not None and supervision.is_silent(timezone.now(), SILENT_AFTER)
    total = len(alerts) if len(alerts) < SHOWN else found.count()
    return Current(alerts, total, supervision if is_silent else None)


def history_page(found: QuerySet[SystemAlert], before: str) -> HistoryPage:
    """Return up to `PER_PAGE` alerts that began before the alert with the key `before`, newest first."""
    ordered = found.order_by("-began_at", "-pk")
    last = found.model.objects.filter(pk=int(before)).first() if before.isdecimal() and len(before) < 19 else None
    if last is not None:
        ordered = ordered.filter(Q(began_at__lt=last.began_at) | Q(began_at=last.began_at, pk__lt=last.pk))
    alerts = list(ordered[: PER_PAGE + 1])
    more = len(alerts) > PER_PAGE
    alerts = alerts[:PER_PAGE]
    return HistoryPage(alerts, alerts[-1].pk if more else None, last is None)


def earlier_alerts(user: User, alert: SystemAlert, count: int = 10) -> list[SystemAlert]:
    """Return the last alerts before this one about the same thing, newest first."""
    same = visible_system_alerts(user).filter(subject=alert.subject, began_at__lte=alert.began_at)
    return list(same.exclude(pk=alert.pk).order_by("-began_at", "-pk")[:count])
