"""What the operator's page shows of one alert, and which one comes next."""

import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext

from alerts.access import open_alerts
from alerts.clip_first import is_confidence_shown, seconds_to_watch
from alerts.curve import score_curve
from alerts.follow_up import Measure
from alerts.life import UNDO_FOR, claimable_states, decidable_states
from alerts.limits import limits_of
from alerts.models import Alert, ClipState, DismissReason, Verdict
from alerts.plan import situation_plan
from alerts.record import last_alerts, local_record
from alerts.services.undoing import undoable_decision
from alerts.sharing.current import incidents_of, incidents_of_others
from alerts.wording import facts_in_words
from cameras.models import Modality
from paca_site.accounts.models import Role, User
from paca_site.accounts.training.standing import standing_of

SHIFT = timedelta(hours=12)
LEARNT_AFTER = 10
"""Decisions, after which somebody no longer needs to be told how to decide."""
VIEW_SALT = "alerts.view"


def next_alert(user: User, after: Alert) -> Alert | None:
    """Return the alert to look at after this one: of its incident, of one's own ones, the next below, the most urgent.

    What somebody else has accepted comes when nothing else waits.
    """
    mine = open_alerts(user).free_for(user).filter(state__in=decidable_states(user, Verdict.CONFIRM))
    waiting = mine.exclude(pk=after.pk)
    if after.incident_id and (of_incident := waiting.filter(incident=after.incident_id).first()):
        return of_incident
    if of_mine := waiting.filter(incident__in=incidents_of(user)).first():
        return of_mine
    free = waiting.exclude(incident__in=incidents_of_others(user))
    below = Q(severity__lt=after.severity) | Q(severity=after.severity, raised_at__lt=after.raised_at)
    return free.filter(below).first() or free.first() or waiting.first()


def view_token(user: User, alert: Alert, view_id: UUID) -> str:
    """Return a signed name of one opening of an alert by one person, which the clip's requests carry."""
    return signing.dumps([user.pk, alert.pk, str(view_id), time.time()], salt=VIEW_SALT, compress=True)


@dataclass(frozen=True, slots=True)
class Opening:
    """One opening of an alert by one person, and how long ago it was."""

    view_id: UUID
    age_s: float


def opening_of_token(token: str, user: User, alert: Alert) -> Opening | None:
    """Return the opening that a token names, or None where it is not this person's and this alert's, or too old."""
    try:
        user_pk, alert_pk, view_id, opened_at_s = signing.loads(token, salt=VIEW_SALT, max_age=SHIFT)
    except signing.BadSignature:
        return None
    is_theirs = (user_pk, alert_pk) == (user.pk, alert.pk)
    return Opening(UUID(view_id), time.time() - opened_at_s) if is_theirs else None


def view_of_token(token: str, user: User, alert: Alert) -> UUID | None:
    """Return the id of the opening that a token names, or None (see `opening_of_token`)."""
    opening = opening_of_token(token, user, alert)
    return opening.view_id if opening else None


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


def clip_context(user: User, alert: Alert, token: str) -> dict[str, Any]:
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
        "is_confidence_shown": is_confidence_shown(alert, user),
    }


def alert_context(user: User, alert: Alert, token: str) -> dict[str, Any]:
    """Return what the alert's part of the page needs."""
    return {
        **decision_context(user, alert),
        **undo_context(user),
        **clip_context(user, alert, token),
        **confidence_context(user, alert),
        "last_alerts": last_alerts(alert),
        "plan": situation_plan(alert.camera),
        "limits": limits_of(alert.kind),
    }


def confidence_context(user: User, alert: Alert) -> dict[str, Any]:
    """Return what the confidence's part of the alert needs, shown or not yet."""
    return {
        "alert": alert,
        "facts": facts_in_words(alert.facts),
        "record": local_record(alert),
        "is_confidence_shown": is_confidence_shown(alert, user),
        "seconds_to_watch": seconds_to_watch(alert),
    }


def decision_context(user: User, alert: Alert) -> dict[str, Any]:
    """Return what the decision's part of the alert needs, which is asked for again when a colleague has been at it."""
    holder, standing = alert.holder, standing_of(user)
    may = standing.may_decide
    return {
        "alert": alert,
        "decisions": list(alert.decisions.select_related("by").order_by("at", "pk")),
        "actions": list(alert.actions.select_related("by")),
        "holder": holder,
        "is_mine": holder == user,
        "is_anothers": holder is not None and holder != user,
        "standing": standing,
        "is_untrained": not may and alert.state in claimable_states(user),
        "can_claim": may and alert.state in claimable_states(user),
        "can_decide": may and alert.state in decidable_states(user, Verdict.CONFIRM),
        "can_escalate": may and alert.state in decidable_states(user, Verdict.ESCALATE),
        "reasons": DismissReason.choices,
        "measures": Measure.choices,
        "shelf_times": shelf_times(),
        "sees_how": user.has_role(Role.SUPERVISOR),
        "is_learning": user.decisions.all()[:LEARNT_AFTER].count() < LEARNT_AFTER,
    }


def shelf_times() -> list[tuple[int, str]]:
    """Return for how long an alert can be put aside: minutes, and their words."""
    times = [(15, "15 min"), (30, "30 min")] + [
        (hours * 60, gettext("{hours} h").format(hours=hours)) for hours in (1, 2, 4, 8)
    ]
    return [(minutes, words) for minutes, words in times if minutes <= settings.SHELVE_MAX_MIN]


def undo_context(user: User) -> dict[str, Any]:
    """Return the decision that the person can still take back, and until when."""
    decision = undoable_decision(user)
    return {"undoable": decision, "undo_until": decision.at + UNDO_FOR if decision else None}
