"""Placing and lifting legal holds: the floor below which no policy deletes."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from cameras.holds import purge_lock
from cameras.models import LegalHold
from paca_site.accounts.models import User
from paca_site.audit.services import audit_record

EXPIRED = "Its time was over."


def _details(hold: LegalHold) -> dict[str, Any]:
    return {
        "case": hold.case,
        "from": hold.starts_at.isoformat(),
        "to": hold.ends_at.isoformat(),
        "expires": hold.expires_at.isoformat(),
        "review": hold.review_on.isoformat(),
    }


def hold_place(*, hold: LegalHold, actor: User) -> LegalHold:
    """Place a hold. From its commit on nothing of it is deleted. Audit: `hold.placed`.

    Waits for a purge of the camera that is under way, so that what is there afterwards stays.

    Raises:
        ValidationError: a field or a combination is not allowed.
    """
    hold.placed_by = actor
    hold.full_clean()
    with transaction.atomic():
        purge_lock(hold.camera_id)
        hold.save()
        audit_record(
            action="hold.placed",
            actor=actor,
            subject=f"hold:{hold.pk}",
            site_id=hold.camera.site_id,
            details={"camera": hold.camera_id, "reason": hold.reason, **_details(hold)},
        )
    return hold


def hold_lift(*, hold: LegalHold, actor: User | None, reason: str) -> None:
    """End a hold: what is older than its policy goes with the next purge. Audit: `hold.lifted`.

    Args:
        hold: it.
        actor: who lifts it; None where what it was placed for ended by itself.
        reason: at least 10 characters.

    Raises:
        ValidationError: no reason, or the hold has ended already.
    """
    reason = reason.strip()
    if len(reason) < 10:
        raise ValidationError(
            gettext("Say why in at least 10 characters; these are {reason}.").format(reason=len(reason))
        )
    with transaction.atomic():
        if not _end(hold, at=timezone.now(), by=actor, reason=reason):
            raise ValidationError(gettext("This hold has ended already."))
        audit_record(
            action="hold.lifted",
            actor=actor,
            subject=f"hold:{hold.pk}",
            site_id=hold.camera.site_id,
            details={"reason": reason, **_details(hold)},
        )


def holds_expire(*, now: datetime | None = None) -> int:
    """End the holds whose time is over. Audit: `hold.expired` each. Returns how many."""
    now = now or timezone.now()
    count = 0
    for hold in LegalHold.objects.current().filter(expires_at__lte=now).select_related("camera"):
        with transaction.atomic():
            if _end(hold, at=now, by=None, reason=EXPIRED):
                count += 1
                audit_record(
                    action="hold.expired",
                    actor=None,
                    subject=f"hold:{hold.pk}",
                    site_id=hold.camera.site_id,
                    details=_details(hold),
                )
    return count


def _end(hold: LegalHold, *, at: datetime, by: User | None, reason: str) -> bool:
    current = LegalHold.objects.current().filter(pk=hold.pk)
    return current.update(ended_at=at, ended_by=by, end_reason=reason) == 1
