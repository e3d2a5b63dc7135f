"""What else waited at a moment: as it was kept with the decision, or worked out from what is stored."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Exists, OuterRef, Q

from alerts.models import Alert, Decision, Verdict
from alerts.seen import QUEUE_COUNTED, QUEUE_KEPT
from alerts.shelves import Shelf
from paca_site.accounts.access import site_ids
from paca_site.accounts.models import User

LOOK_BACK: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class QueueThen:
    """The other open alerts at a moment.

    Attributes:
        alerts: the most urgent of those that still exist and the reader may see.
        total: how many there were; `is_capped`: at least so many.
        is_kept: whether they were kept with the decision; else they are worked out, for the decision's own site.
    """

    alerts: list[Alert]
    total: int
    is_kept: bool
    is_capped: bool

    @property
    def missing(self) -> int:
        """How many of the most urgent are not listed: deleted since, tests over, or of other sites."""
        return min(self.total, QUEUE_KEPT) - len(self.alerts)


def queue_then(decision: Decision, at: datetime, reader: User) -> QueueThen:
    """Return what else waited at a moment up to a decision."""
    seen = decision.seen or {}
    if at >= decision.at and "queue" in seen:
        mine = Alert.desk.on_desk().filter(pk__in=seen["queue"], camera__site__in=site_ids(reader))
        found = {alert.pk: alert for alert in mine.select_related("camera__site")}
        alerts = [found[pk] for pk in seen["queue"] if pk in found]
        return QueueThen(alerts, seen["queue_open"], is_kept=True, is_capped=seen["queue_open"] >= QUEUE_COUNTED)
    worked_out = list(_open_at(decision.alert, at)[:QUEUE_COUNTED])
    is_capped = len(worked_out) == QUEUE_COUNTED
    return QueueThen(worked_out[:QUEUE_KEPT], len(worked_out), is_kept=False, is_capped=is_capped)


def _open_at(alert: Alert, at: datetime) -> "list[Alert]":
    """Return the alerts of a site that waited at a moment, of the `LOOK_BACK` before it, most urgent first."""
    ends = Decision.objects.filter(alert=OuterRef("pk"), verdict__in=(Verdict.CONFIRM, Verdict.DISMISS), at__lte=at)
    ended = ends.filter(Q(revoked_by=None) | Q(revoked_by__at__gt=at))
    shelved = Shelf.objects.filter(Q(ended_at=None) | Q(ended_at__gt=at), starts_at__lte=at, until__gt=at)
    found = (
        Alert.desk.on_desk()
        .filter(camera__site=alert.camera.site_id, raised_at__lte=at, raised_at__gt=at - LOOK_BACK)
        .exclude(pk=alert.pk)
        .exclude(Exists(ended))
        .exclude(Exists(shelved.filter(alert=OuterRef("pk"))))
        .select_related("camera__site")
        .order_by("-severity", "-raised_at", "-pk")
    )
    return list(found[:QUEUE_COUNTED])
