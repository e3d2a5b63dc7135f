"""What the replay's page needs: the moments with their places on the line, and how things stood at the chosen one."""

import uuid
from dataclasses import dataclass
from typing import Any

from alerts.curve import score_curve
from alerts.desk import clip_context, view_token
from alerts.models import Alert, Decision
from alerts.record import last_alerts, local_record
from alerts.replay.moments import Moment, moments_after, moments_until
from alerts.replay.queue_then import queue_then
from alerts.replay.standing import alert_at, confidence_then, decision_facts, standing_facts
from alerts.reviewing.models import Review
from paca_site.accounts.models import User

WIDTH = 1000.0


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment on the line of `WIDTH`, and the seconds since the alert appeared, negative before."""

    moment: Moment
    x: float
    after_s: float


def steps_context(decision: Decision, asked: str, reader: User) -> dict[str, Any]:
    """Return what the stepped part needs.

    Args:
        decision: what is replayed.
        asked: number of the step, from 1; anything else is the decision.
        reader: who looks.
    """
    moments, has_more = moments_until(decision)
    last = len(moments) - 1
    step = int(asked) - 1 if asked.isdecimal() and 1 <= int(asked[:9]) <= len(moments) else last
    first, end = moments[0].at, moments[-1].at
    span_s = max(0.001, (end - first).total_seconds())
    raised_at = decision.alert.raised_at
    marks = [
        Mark(
            moment,
            x=(moment.at - first).total_seconds() / span_s * WIDTH,
            after_s=(moment.at - raised_at).total_seconds(),
        )
        for moment in moments
    ]
    return {
        "decision": decision,
        "alert": alert_at(decision, decision.at),
        "marks": marks,
        "has_more": has_more,
        "step": step,
        "mark": marks[step],
        "earlier_step": step if step else None,  # counted from 1 in the address
        "later_step": step + 2 if step < last else None,
        "standing": standing_facts(decision, moments, step),
        "queue": queue_then(decision, moments[step].at, reader),
    }


def replay_context(decision: Decision, asked: str, reader: User, view_id: uuid.UUID) -> dict[str, Any]:
    """Return what the whole page needs; of the clip, what was kept of it."""
    then = alert_at(decision, decision.at)
    confidence = confidence_then(decision)
    return {
        **clip_context(reader, decision.alert, view_token(reader, decision.alert, view_id)),
        **steps_context(decision, asked, reader),
        "is_clip_growing": False,
        "curve": score_curve(then),
        "is_confidence_shown": decision.is_confidence_shown,
        "facts": decision_facts(decision),
        "confidence": confidence,
        "record": local_record(then, decision.at) if confidence is not None else None,
        "earlier": last_alerts(decision.alert, before=decision.at),
        "after": moments_after(decision),
        "review": _review(decision.alert),
    }


def _review(alert: Alert) -> Review | None:
    return Review.objects.filter(alert=alert).select_related("by", "settled_by", "decision").first()
