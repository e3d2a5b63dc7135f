"""A person decides. The first decision counts; whoever comes second is told who was first."""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from alerts.models import Alert, AlertState, Decision, DismissReason, Verdict
from alerts.services.pushing import alert_push
from paca_site.accounts.models import Role, User
from paca_site.audit.services import audit_record


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What the person chose on the form."""

    verdict: Verdict
    reason: str = ""
    note: str = ""
    watched_s: float = 0.0


class AlreadyDecided(Exception):  # noqa: N818 - a state of affairs, not a fault
    """Somebody else decided first; `decision` is theirs."""

    def __init__(self, decision: Decision) -> None:
        said = decision.get_verdict_display().lower()
        super().__init__(f"{decision.by} was first: {said} at {decision.at:%H:%M:%S} UTC.")
        self.decision = decision


NEXT_STATE = {
    Verdict.CONFIRM: AlertState.CONFIRMED,
    Verdict.DISMISS: AlertState.DISMISSED,
    Verdict.ESCALATE: AlertState.ESCALATED,
}
ACTION = {
    Verdict.CONFIRM: "alert.confirmed",
    Verdict.DISMISS: "alert.dismissed",
    Verdict.ESCALATE: "alert.escalated",
}


def decidable_states(user: User, verdict: Verdict) -> tuple[AlertState, ...]:
    """Return the states from which this person may take this decision: what was escalated is the supervisor's."""
    if verdict == Verdict.ESCALATE:
        return (AlertState.NEW,)
    if user.has_role(Role.SUPERVISOR):
        return (AlertState.NEW, AlertState.ESCALATED)
    return (AlertState.NEW,)


def alert_decide(*, alert: Alert, actor: User, choice: Choice) -> Decision:
    """Confirm, dismiss or escalate an alert. Audit: `alert.confirmed`, `.dismissed`, `.escalated`; pushes on commit.

    The trail keeps what the machine said at that moment, as the event may still go on; of the note only that there is
    one, as the trail is kept for ever and the alert with its decisions is not.

    Raises:
        AlreadyDecided: somebody else was first.
        ValidationError: a dismissal without a reason, "other" without a note, or a role that may not decide.
    """
    if not actor.has_role(Role.OPERATOR, Role.SUPERVISOR):
        raise ValidationError("Only operators and supervisors decide alerts.")
    if choice.reason == DismissReason.OTHER and not choice.note.strip():
        raise ValidationError({"note": "Say in a few words why, as the reason is “Other”."})
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
    )
    decision.full_clean()
    with transaction.atomic():
        allowed = decidable_states(actor, choice.verdict)
        claimed = Alert.objects.filter(pk=alert.pk, state__in=allowed).update(state=NEXT_STATE[choice.verdict])
        if not claimed:
            first = Decision.objects.select_related("by").filter(alert=alert).order_by("-at").first()
            if first is None:
                raise ValidationError("This alert cannot be decided any more.")
            raise AlreadyDecided(first)
        decision.save()
        transaction.on_commit(lambda: alert_push(alert.pk))
        audit_record(
            action=ACTION[choice.verdict],
            actor=actor,
            subject=f"alert:{alert.pk}",
            site_id=alert.camera.site_id,
            details={
                "decision": decision.pk,
                "reason": decision.reason,
                "has_note": bool(decision.note),
                "after_s": round(decision.after_s, 1),
                "watched_s": round(decision.watched_s, 1),
                **_said(alert),
            },
        )
    alert.refresh_from_db(fields=["state"])
    return decision


def _said(alert: Alert) -> dict[str, Any]:
    """Return what the machine says of an alert in this transaction, read anew: reports may have come since."""
    now = Alert.objects.get(pk=alert.pk)
    return {
        "confidence": round(now.confidence, 1),
        "sentence": now.sentence,
        "ended_at": now.ended_at.isoformat() if now.ended_at else None,
    }
