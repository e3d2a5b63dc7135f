"""The end of a test alert: revealed to whoever decided it, or withdrawn undecided."""

from datetime import datetime
from typing import Any

from django.db import transaction

from alerts.models import Alert, AlertState, ClipState, Decision, Verdict
from alerts.seeding.models import Seed
from alerts.services.pushing import alert_push
from paca_site.audit.services import audit_record

ACTION = {
    Verdict.CONFIRM: "test-alert.confirmed",
    Verdict.DISMISS: "test-alert.dismissed",
    Verdict.ESCALATE: "test-alert.escalated",
}
WITHOUT_FILES: dict[str, Any] = {"clip_state": ClipState.NONE, "clip_path": "", "poster_path": ""}
"""The files are the source's. A test that is over names them no longer."""


def seed_reveal(*, alert: Alert, decision: Decision) -> None:
    """Keep what was said to a test alert. Call it in the transaction that has ended the alert.

    Audit: `test-alert.confirmed`, `.dismissed`, `.escalated`; pushes on commit. No decision is stored, nothing is
    dispatched, and it cannot be undone, as the answer is known now.
    """
    told = {
        "verdict": decision.verdict,
        "reason": decision.reason,
        "by": decision.by,
        "at": decision.at,
        "after_s": decision.after_s,
        "watched_s": decision.watched_s,
    }
    if Seed.objects.waiting().filter(alert=alert).update(**told) != 1:
        raise RuntimeError(f"alert {alert.pk} is seeded and waits, but its seed does not")
    Alert.desk.filter(pk=alert.pk).update(**WITHOUT_FILES)
    transaction.on_commit(lambda: alert_push(alert.pk))
    seed = Seed.objects.get(alert=alert)
    audit_record(
        action=ACTION[Verdict(decision.verdict)],
        actor=decision.by,
        subject=f"alert:{alert.pk}",
        site_id=alert.camera.site_id,
        details={
            "seed": seed.pk,
            "is_positive": seed.is_positive,
            "is_right": seed.is_right,
            "after_s": round(decision.after_s, 1),
            "watched_s": round(decision.watched_s, 1),
        },
    )
    alert.refresh_from_db()


def seed_withdraw(*, seed: Seed, now: datetime, why: str) -> bool:
    """Take a test alert away that nobody decided; False where somebody was first. Audit: `test-alert.withdrawn`."""
    with transaction.atomic():
        alert = Alert.desk.select_for_update(of=("self",)).select_related("camera").get(pk=seed.alert_id)
        if Seed.objects.waiting().filter(pk=seed.pk).update(withdrawn_at=now) != 1:
            return False
        free: dict[str, Any] = {"claimed_by": None, "claimed_at": None, "claimed_until": None, "due_at": None}
        off_shelf: dict[str, Any] = {"shelf": None, "shelved_until": None}
        ended = {"state": AlertState.DISMISSED, **free, **off_shelf, **WITHOUT_FILES}
        Alert.desk.filter(pk=alert.pk).update(**ended)
        transaction.on_commit(lambda: alert_push(alert.pk))
        audit_record(
            action="test-alert.withdrawn",
            actor=None,
            subject=f"alert:{alert.pk}",
            site_id=alert.camera.site_id,
            details={"seed": seed.pk, "why": why},
        )
    return True
