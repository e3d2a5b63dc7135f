"""A person decides. The first decision counts; whoever comes second is told who was first."""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from alerts.clip_first import is_confidence_shown
from alerts.life import DESK_ROLES, Edge, edges_for
from alerts.models import Alert, AlertState, CallLevel, Decision, DismissReason, Verdict
from alerts.seeding.services.revealing import seed_reveal
from alerts.seen import seen_now
from alerts.services.claiming import AlreadyClaimed
from alerts.services.pushing import alert_push
from paca_site.accounts.models import User
from paca_site.accounts.training.standing import training_require
from paca_site.audit.services import audit_record


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What the person chose on the form."""

    verdict: Verdict
    reason: str = ""
    note: str = ""
    watched_s: float = 0.0
    is_bulk: bool = False


class AlreadyDecided(Exception):  # noqa: N818 - a state of affairs, not a fault
    """Somebody else decided first; `decision` is theirs."""

    def __init__(self, decision: Decision) -> None:
        said = decision.get_verdict_display().lower()
        super().__init__(
            gettext("{by} was first: {said} at {at:%H:%M:%S} UTC.").format(by=decision.by, said=said, at=decision.at)
        )
        self.decision = decision


ACTION = {
    Verdict.CONFIRM: "alert.confirmed",
    Verdict.DISMISS: "alert.dismissed",
    Verdict.ESCALATE: "alert.escalated",
}
ENDED: dict[str, Any] = {
    "claimed_by": None,
    "claimed_at": None,
    "claimed_until": None,
    "due_at": None,
    "shelf": None,
    "shelved_until": None,
}


def alert_decide(*, alert: Alert, actor: User, choice: Choice) -> Decision:
    """Confirm, dismiss or escalate an alert. Audit: `alert.confirmed`, `.dismissed`, `.escalated`; pushes on commit.

    Of a seeded alert the decision is not stored here: it ends and is revealed (alerts/seeding).

    Ends the claim on it. The decision keeps what stood before the person (alerts/seen.py), and the trail what the
    machine said at that moment, as the event may still go on; of the note only that there is one, as the trail is kept
    for ever and the alert with its decisions is not.

    Raises:
        AlreadyClaimed: a colleague works on it; who wants to decide it all the same takes it over first.
        AlreadyDecided: somebody else was first.
        ValidationError: a dismissal without a reason, "other" without a note, a role that may not decide, or no
            certificate of training that counts (paca_site/accounts/training).
    """
    if not actor.has_role(*DESK_ROLES):
        raise ValidationError(gettext("Only operators and supervisors decide alerts."))
    training_require(actor)
    if choice.reason == DismissReason.OTHER and not choice.note.strip():
        raise ValidationError({"note": gettext("Say in a few words why, as the reason is “Other”.")})
    now = timezone.now()
    decision = Decision(
        alert=alert,
        verdict=choice.verdict,
        reason=choice.reason if choice.verdict == Verdict.DISMISS else "",
        note=choice.note.strip(),
        by=actor,
        role=actor.role,
        at=now,
        after_s=max(0.0, (now - alert.raised_at).total_seconds()),
        watched_s=choice.watched_s,
        is_bulk=choice.is_bulk,
        is_confidence_shown=is_confidence_shown(alert, actor),
    )
    decision.full_clean()
    with transaction.atomic():
        decision.state_before = _take_edge(alert, actor, choice.verdict).before
        if alert.is_seeded:  # revealed, and no decision: nothing that counts decisions has to know
            seed_reveal(alert=alert, decision=decision)
            return decision
        now_read = Alert.desk.get(pk=alert.pk)  # reports may have come since
        decision.seen = seen_now(now_read, actor)
        decision.save()
        transaction.on_commit(lambda: alert_push(alert.pk))
        audit_record(
            action=ACTION[choice.verdict],
            actor=actor,
            subject=f"alert:{alert.pk}",
            site_id=alert.camera.site_id,
            details={
                "decision": decision.pk,
                "from": decision.state_before,
                "reason": decision.reason,
                "has_note": bool(decision.note),
                "is_bulk": decision.is_bulk,
                "after_s": round(decision.after_s, 1),
                "watched_s": round(decision.watched_s, 1),
                "confidence_shown": decision.is_confidence_shown,
                **_said(now_read),
            },
        )
    alert.refresh_from_db(fields=["state", "call_level", *ENDED])
    return decision


def _take_edge(alert: Alert, actor: User, verdict: Verdict) -> Edge:
    """Move the alert along the one edge that fits its state now, unless a colleague works on it."""
    called = {"call_level": CallLevel.SUPERVISOR} if verdict == Verdict.ESCALATE else {}
    for edge in edges_for(actor, verdict):
        waiting = Alert.desk.free_for(actor).filter(pk=alert.pk, state=edge.before)
        # whatever was said of a seeded one, it is over: nobody is sent anywhere
        after = AlertState.DISMISSED if alert.is_seeded else edge.after
        if waiting.update(state=after, **ENDED, **({} if alert.is_seeded else called)) == 1:
            return edge
    current = Alert.desk.select_related("claimed_by").get(pk=alert.pk)
    if current.holder is not None and current.holder != actor:
        raise AlreadyClaimed(current.holder)
    first = Decision.objects.select_related("by").filter(alert=alert).order_by("-at").first()
    if first is None:
        raise ValidationError(gettext("This alert cannot be decided any more."))
    raise AlreadyDecided(first)


def _said(now: Alert) -> dict[str, Any]:
    """Return what the machine says of an alert in this transaction."""
    return {
        "confidence": round(now.confidence, 1),
        "sentence": now.sentence,
        "ended_at": now.ended_at.isoformat() if now.ended_at else None,
    }
