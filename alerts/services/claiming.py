"""Who works on an alert: one person at a time, who loses it after some time without activity."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext

from alerts.life import claimable_states
from alerts.models import Alert, AlertState
from alerts.seeded import trail_action
from alerts.services.pushing import alert_push
from alerts.timers import acknowledge_within, claim_for, decide_within
from paca_site.accounts.models import User
from paca_site.accounts.training.standing import training_require
from paca_site.audit.services import audit_record


class AlreadyClaimed(Exception):  # noqa: N818 - a state of affairs, not a fault
    """A colleague works on the alert; `holder` says who."""

    def __init__(self, holder: User) -> None:
        super().__init__(gettext("{holder} is working on this alert.").format(holder=holder))
        self.holder = holder


def alert_claim(*, alert: Alert, actor: User, take_over: bool = False) -> None:
    """Give an open alert to a person; what else they had goes back to the queue.

    Audit: `alert.claimed` or `alert.taken-over`, and `alert.released` for the other; pushes on commit. Claiming what
    one has already is activity: it only makes the claim last longer, without a trace.

    Args:
        alert: the alert.
        actor: who wants it.
        take_over: also from a colleague, knowingly.

    Raises:
        AlreadyClaimed: a colleague has it, and `take_over` is false.
        ValidationError: the role may not, it is decided already, or no certificate of training counts: whoever may not
            decide would only keep it from others.
    """
    if alert_claim_renew(alert=alert, actor=actor):
        return
    training_require(actor)
    now = timezone.now()
    with transaction.atomic():
        # in the order of their numbers: two people who swap alerts would wait for each other
        wanted = Q(pk=alert.pk) | Q(claimed_by=actor)
        locked = Alert.desk.select_for_update(of=("self",)).filter(wanted).select_related("camera", "claimed_by")
        rows = {row.pk: row for row in locked.order_by("pk")}
        row = rows.pop(alert.pk)
        if row.state not in claimable_states(actor):
            raise ValidationError(gettext("This alert is not yours to work on: it is decided, or a supervisor's."))
        if row.is_shelved:
            raise ValidationError(gettext("This alert is shelved: decide it here, or bring it back first."))
        holder = row.holder if row.holder != actor else None
        if holder is not None and not take_over:
            raise AlreadyClaimed(holder)
        for other in rows.values():
            _let_go(other, "alert.released", actor, now)
        values: dict[str, Any] = {
            "shelf": None,
            "shelved_until": None,
            "claimed_by": actor,
            "claimed_at": now,
            "claimed_until": now + claim_for(),
        }
        if row.state == AlertState.NEW and (row.due_at or row.shelved_until):
            values["due_at"] = now + decide_within(row.severity)
        Alert.desk.filter(pk=row.pk).update(**values)
        transaction.on_commit(lambda: alert_push(row.pk))
        _record(
            "alert.taken-over" if holder else "alert.claimed", row, actor, now, {"from": holder.pk if holder else None}
        )
    alert.refresh_from_db(fields=["claimed_by", "claimed_at", "claimed_until", "due_at"])


def alert_claim_renew(*, alert: Alert, actor: User) -> bool:
    """Make a claim last longer, as its holder is active. False where it is not (any longer) this person's."""
    now = timezone.now()
    mine = Alert.desk.filter(pk=alert.pk, claimed_by=actor, claimed_until__gt=now)
    return mine.update(claimed_until=now + claim_for()) == 1


def alert_release(*, alert: Alert, actor: User) -> bool:
    """Put an alert back into the queue for everybody. Audit: `alert.released`; pushes. False if it was not theirs."""
    with transaction.atomic():
        row = _locked().filter(pk=alert.pk, claimed_by=actor).first()
        if row is None:
            return False
        _let_go(row, "alert.released", actor, timezone.now())
    return True


def claims_release(*, actor: User) -> int:
    """Put back whatever a person works on, as at the end of a shift. Returns how many."""
    with transaction.atomic():
        rows = list(_locked().filter(claimed_by=actor))
        for row in rows:
            _let_go(row, "alert.released", actor, timezone.now())
    return len(rows)


def claims_expire(*, now: datetime | None = None) -> int:
    """End claims that have run out, so that screens see it; returns how many. Audit: `alert.claim-expired`; pushes."""
    moment = now or timezone.now()
    count = 0
    for pk in list(Alert.desk.filter(claimed_until__lte=moment).values_list("pk", flat=True)):
        with transaction.atomic():
            row = _locked().filter(pk=pk, claimed_until__lte=moment).first()  # may have been renewed since
            if row is not None:
                _let_go(row, "alert.claim-expired", None, moment)
                count += 1
    return count


def _locked() -> Any:
    return Alert.desk.select_for_update(of=("self",)).select_related("camera", "claimed_by")


def _let_go(row: Alert, action: str, actor: User | None, now: datetime) -> None:
    """End the claim on a locked row; the clock for somebody to take it starts anew."""
    holder = row.claimed_by
    values: dict[str, Any] = {"claimed_by": None, "claimed_at": None, "claimed_until": None}
    if row.due_at is not None:
        values["due_at"] = now + acknowledge_within(row.severity)
    Alert.desk.filter(pk=row.pk).update(**values)
    transaction.on_commit(lambda: alert_push(row.pk))
    _record(action, row, actor, now, {"holder": holder.pk if holder else None})


def _record(action: str, row: Alert, actor: User | None, now: datetime, more: dict[str, Any]) -> None:
    audit_record(
        action=trail_action(row, action),
        actor=actor,
        subject=f"alert:{row.pk}",
        site_id=row.camera.site_id,
        details={"state": row.state, "after_s": round((now - row.raised_at).total_seconds(), 1), **more},
    )
