"""What stood before a person when they decided, kept with the decision: the alert goes on changing with its event."""

from typing import Any, Final

from alerts.models import Alert
from paca_site.accounts.access import site_ids
from paca_site.accounts.models import User

QUEUE_KEPT: Final = 20
"""Alerts of the queue whose numbers are kept, in the order of urgency."""
QUEUE_COUNTED: Final = 500
"""More are not counted: nobody sees the difference, and a flood must not make each decision slow."""


def seen_now(alert: Alert, actor: User) -> dict[str, Any]:
    """Return the alert as the database has it, and what else waits in the person's queue: JSON-able, one query.

    Args:
        alert: just read, in the decision's transaction.
        actor: who decides.
    """
    waiting = Alert.desk.in_queue().filter(camera__site__in=site_ids(actor)).exclude(pk=alert.pk)
    others = list(waiting.order_by("-severity", "-raised_at", "-pk").values_list("pk", flat=True)[:QUEUE_COUNTED])
    return {
        "severity": alert.severity,
        "kind": alert.kind,
        "sentence": alert.sentence,
        "confidence": alert.confidence,
        "score": alert.score,
        "threshold": alert.threshold,
        "scores_until_s": max((float(offset_s) for offset_s, _ in alert.scores), default=None),
        "ended_at": alert.ended_at.isoformat() if alert.ended_at else None,
        "clip_state": alert.clip_state,
        "clip_duration_s": alert.clip_duration_s,
        "clip_started_at": alert.clip_started_at.isoformat() if alert.clip_started_at else None,
        "queue_open": len(others),
        "queue": others[:QUEUE_KEPT],
    }
