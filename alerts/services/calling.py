"""Calling somebody more when an alert has waited too long: second operator, then supervisor. Runs on the server."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from alerts.models import Alert, AlertState, CallLevel
from alerts.seeded import trail_action
from alerts.services.pushing import alert_push
from alerts.timers import call_supervisor_after
from paca_site.audit.services import audit_record


def alerts_call_overdue(*, now: datetime | None = None) -> int:
    """Call the next in the chain to every alert whose time is up. Returns to how many.

    Idempotent: the level is raised from the one that was read, so that two runs at once call once. After an outage
    each alert is called to one level, and the supervisor in the time that is set, not all at once.
    Audit: `alert.called`; pushes on commit.
    """
    moment = now or timezone.now()
    overdue = Alert.desk.filter(state=AlertState.NEW, due_at__lte=moment).select_related("camera")
    return sum(_call(alert, moment) for alert in overdue.order_by("-severity", "due_at"))


def _call(alert: Alert, now: datetime) -> bool:
    level = CallLevel(min(alert.call_level + 1, CallLevel.SUPERVISOR))
    next_due = now + call_supervisor_after() if level < CallLevel.SUPERVISOR else None
    with transaction.atomic():
        waiting = Alert.desk.filter(pk=alert.pk, state=AlertState.NEW, due_at=alert.due_at)
        if waiting.update(call_level=level, due_at=next_due) != 1:
            return False  # decided, taken, or called by another run meanwhile
        transaction.on_commit(lambda: alert_push(alert.pk, is_call=True))
        audit_record(
            action=trail_action(alert, "alert.called"),
            actor=None,
            subject=f"alert:{alert.pk}",
            site_id=alert.camera.site_id,
            details={
                "level": level.name.lower(),
                "held_by": alert.claimed_by_id,
                "after_s": round((now - alert.raised_at).total_seconds(), 1),
            },
        )
    return True
