"""What the operator's page shows: the queue, and everything about one alert."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core import signing
from django.db.models import Q
from django.utils import timezone

from alerts.access import open_alerts
from alerts.curve import score_curve
from alerts.models import Alert, AlertState, ClipState, DismissReason, Verdict
from alerts.plan import situation_plan
from alerts.record import last_alerts, local_record
from alerts.services.deciding import decidable_states
from alerts.wording import facts_in_words
from cameras.models import Modality
from paca_site.accounts.models import User

QUEUE_LIMIT = 200  # more than anybody works through; the most urgent come first, and the count tells of the rest
SHIFT = timedelta(hours=12)
VIEW_SALT = "alerts.view"


@dataclass(frozen=True, slots=True)
class Queue:
    """The most urgent open alerts, and how many there are in all."""

    alerts: list[Alert]
    total: int

    @property
    def escalated(self) -> int:
        """How many of the shown ones wait for a supervisor."""
        return sum(alert.state == AlertState.ESCALATED for alert in self.alerts)


def load_queue(user: User) -> Queue:
    """Return the queue of a person."""
    alerts = list(open_alerts(user)[:QUEUE_LIMIT])
    return Queue(alerts, len(alerts) if len(alerts) < QUEUE_LIMIT else open_alerts(user).count())


def queue_etag(user: User) -> str:
    """Return a fingerprint of all that the rows show, without rendering them."""
    rows = open_alerts(user).values_list(
        "pk", "state", "severity", "sentence", "kind", "confidence", "ended_at", "poster_path", "raised_at",
        "camera__name", "camera__site__name",
    )[:QUEUE_LIMIT]  # fmt: skip
    return '"' + hashlib.sha256(repr(list(rows)).encode()).hexdigest()[:32] + '"'


def next_alert(user: User, after: Alert) -> Alert | None:
    """Return the alert to look at after this one: the next below it in the queue, else the most urgent."""
    waiting = open_alerts(user).filter(state__in=decidable_states(user, Verdict.CONFIRM)).exclude(pk=after.pk)
    below = Q(severity__lt=after.severity) | Q(severity=after.severity, raised_at__lt=after.raised_at)
    return waiting.filter(below).first() or waiting.first()


def view_token(user: User, alert: Alert, view_id: UUID) -> str:
    """Return a signed name of one opening of an alert by one person, which the clip's requests carry."""
    return signing.dumps([user.pk, alert.pk, str(view_id)], salt=VIEW_SALT, compress=True)


def view_of_token(token: str, user: User, alert: Alert) -> UUID | None:
    """Return the opening that a token names, or None where it is not this person's and this alert's, or too old."""
    try:
        user_pk, alert_pk, view_id = signing.loads(token, salt=VIEW_SALT, max_age=SHIFT)
    except signing.BadSignature:
        return None
    return UUID(view_id) if (user_pk, alert_pk) == (user.pk, alert.pk) else None


def clip_version(alert: Alert) -> str:
    """Return a word that changes when the clip does."""
    return f"{alert.clip_state}-{alert.clip_duration_s or 0:.2f}"


def is_clip_growing(alert: Alert) -> bool:
    """Return whether a (longer) clip is still to come, so that the page asks again."""
    if timezone.now() - alert.raised_at > timedelta(hours=1):
        return False
    if alert.clip_state == ClipState.PENDING:
        return True
    if alert.clip_state != ClipState.READY or not alert.clip_started_at:
        return False
    end = alert.clip_started_at + timedelta(seconds=alert.clip_duration_s or 0)
    return alert.ended_at is None or end < alert.ended_at


def clip_context(alert: Alert, token: str) -> dict[str, Any]:
    """Return what the clip fragment needs."""
    zero_s = (alert.clip_started_at - alert.started_at).total_seconds() if alert.clip_started_at else 0.0
    return {
        "alert": alert,
        "view_token": token,
        "clip_version": clip_version(alert),
        "is_clip_growing": is_clip_growing(alert),
        "is_edge": alert.camera.modality == Modality.EDGE,
        "clip_zero_s": zero_s,
        "curve": score_curve(alert),
    }


def alert_context(user: User, alert: Alert, token: str) -> dict[str, Any]:
    """Return what the alert's part of the page needs."""
    decisions = list(alert.decisions.select_related("by").order_by("at"))
    return {
        **clip_context(alert, token),
        "facts": facts_in_words(alert.facts),
        "record": local_record(alert),
        "last_alerts": last_alerts(alert),
        "plan": situation_plan(alert.camera),
        "decisions": decisions,
        "can_decide": alert.state in decidable_states(user, Verdict.CONFIRM),
        "can_escalate": alert.state in decidable_states(user, Verdict.ESCALATE),
        "reasons": DismissReason.choices,
    }
