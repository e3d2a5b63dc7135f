"""Taking back one's own decision within some seconds: a new row that revokes the old one; nothing is deleted."""

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from alerts.life import UNDO_FOR
from alerts.models import Alert, AlertState, CallLevel, Decision, Verdict
from alerts.services.claiming import claims_release
from alerts.services.pushing import alert_push
from alerts.timers import claim_for, decide_within
from paca_site.accounts.models import User
from paca_site.audit.services import audit_record

TOO_LATE = _("That can be undone only within 10 seconds, by who decided it, and while nobody has gone on with it.")
AFTER = {
    Verdict.CONFIRM: AlertState.CONFIRMED,
    Verdict.DISMISS: AlertState.DISMISSED,
    Verdict.ESCALATE: AlertState.ESCALATED,
}


def undoable_decision(user: User) -> Decision | None:
    """Return the person's last decision if they can still take it back."""
    since = timezone.now() - UNDO_FOR
    last = Decision.objects.filter(by=user, at__gt=since).select_related("alert__camera").order_by("-at", "-pk").first()
    if last is None or last.verdict == Verdict.UNDO:
        return None
    is_as_left = last.alert.state == AFTER[Verdict(last.verdict)] and last.alert.closed_at is None
    return last if is_as_left else None


def decision_undo(*, decision: Decision, actor: User) -> Decision:
    """Revoke a decision: the alert is as before and in the hands of this person again.

    Audit: `alert.decision-undone`; pushes on commit.

    Raises:
        ValidationError: not theirs, too late, undone already, or somebody has gone on with the alert.
    """
    now = timezone.now()
    alert = decision.alert
    if decision.by_id != actor.pk or decision.verdict == Verdict.UNDO or now - decision.at > UNDO_FOR:
        raise ValidationError(TOO_LATE)
    undo = Decision(
        alert=alert,
        verdict=Verdict.UNDO,
        by=actor,
        role=actor.role,
        at=now,
        after_s=max(0.0, (now - alert.raised_at).total_seconds()),
        state_before=AFTER[Verdict(decision.verdict)],
        revokes=decision,
        is_confidence_shown=decision.is_confidence_shown,
    )
    try:
        with transaction.atomic():
            claims_release(actor=actor)
            undo.save()  # before the state goes back: the database asks for this row
            _bring_back(alert, decision, actor)
            transaction.on_commit(lambda: alert_push(alert.pk))
            audit_record(
                action="alert.decision-undone",
                actor=actor,
                subject=f"alert:{alert.pk}",
                site_id=alert.camera.site_id,
                details={
                    "decision": undo.pk,
                    "revokes": decision.pk,
                    "verdict": decision.verdict,
                    "after_s": round((now - decision.at).total_seconds(), 1),
                },
            )
    except IntegrityError as error:  # of two undos at once, as of two clicks, one counts
        raise ValidationError(TOO_LATE) from error
    return undo


def _bring_back(alert: Alert, decision: Decision, actor: User) -> None:
    now = timezone.now()
    left = Alert.objects.filter(pk=alert.pk, state=AFTER[Verdict(decision.verdict)], closed_at=None, claimed_by=None)
    is_new = decision.state_before == AlertState.NEW
    is_back = left.update(
        state=decision.state_before,
        claimed_by=actor,
        claimed_at=now,
        claimed_until=now + claim_for(),
        due_at=now + decide_within(alert.severity) if is_new else None,
        call_level=CallLevel.DESK if is_new else CallLevel.SUPERVISOR,
    )
    if is_back != 1:
        raise ValidationError(TOO_LATE)
