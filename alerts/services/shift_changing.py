"""Beginning a shift, ending it with a signed handover sheet, and taking that over."""

from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Min
from django.utils import timezone
from django.utils.translation import gettext

from alerts.handover import handover_sheet, sheet_digest
from alerts.life import DESK_ROLES
from alerts.services.claiming import claims_release
from alerts.shifts import Shift
from paca_site.accounts.access import site_ids
from paca_site.accounts.models import User
from paca_site.audit.services import audit_record


def shift_start(*, actor: User) -> Shift:
    """Begin a shift. Audit: `shift.started`.

    Raises:
        ValidationError: not a role of the desk, or a shift is running already.
    """
    if not actor.has_role(*DESK_ROLES):
        raise ValidationError(gettext("Only operators and supervisors have shifts."))
    try:
        with transaction.atomic():
            shift = Shift.objects.create(person=actor)
            audit_record(action="shift.started", actor=actor, subject=f"shift:{shift.pk}")
    except IntegrityError as error:
        raise ValidationError(gettext("Your shift is running already.")) from error
    return shift


def shift_end(*, actor: User, notes: str = "") -> Shift:
    """End one's shift: keep the sheet as it is now, sign it, and put back what one works on. Audit: `shift.ended`.

    Raises:
        ValidationError: no shift is running.
    """
    with transaction.atomic():
        claims_release(actor=actor)
        shift = Shift.objects.select_for_update().filter(person=actor, ended_at=None).first()
        if shift is None:
            raise ValidationError(gettext("No shift of yours is running."))
        _break_over(shift, actor)
        shift.sheet, shift.notes, shift.ended_at = handover_sheet(actor), notes.strip(), timezone.now()
        shift.digest = sheet_digest(shift.sheet, shift.notes)
        shift.full_clean()
        shift.save()
        shift.sites.set(site_ids(actor))
        details = {"digest": shift.digest, "lasted_s": round((shift.ended_at - shift.started_at).total_seconds())}
        audit_record(action="shift.ended", actor=actor, subject=f"shift:{shift.pk}", details=details)
    return shift


def break_begin(*, actor: User) -> None:
    """Begin a break: what one works on goes back to the queue, nothing is offered. Audit: `shift.break-begun`.

    Raises:
        ValidationError: no shift is running, or a break is.
    """
    with transaction.atomic():
        claims_release(actor=actor)
        running = Shift.objects.filter(person=actor, ended_at=None)
        if running.filter(on_break_since=None).update(on_break_since=timezone.now()) != 1:
            raise ValidationError(
                gettext("You have a break already.") if running.exists() else gettext("No shift of yours is running.")
            )
        audit_record(action="shift.break-begun", actor=actor, subject=f"shift:{running.get().pk}")


def break_end(*, actor: User) -> None:
    """Come back from a break. Audit: `shift.break-ended`, with its length.

    Raises:
        ValidationError: there is none.
    """
    with transaction.atomic():
        shift = Shift.objects.select_for_update().filter(person=actor, on_break_since__isnull=False).first()
        if shift is None:
            raise ValidationError(gettext("You have no break now."))
        _break_over(shift, actor)
        shift.save(update_fields=["on_break_since", "rested_at"])


def _break_over(shift: Shift, actor: User) -> None:
    if shift.on_break_since is None:
        return
    now = timezone.now()
    details = {"lasted_s": round((now - shift.on_break_since).total_seconds())}
    shift.on_break_since, shift.rested_at = None, now
    audit_record(action="shift.break-ended", actor=actor, subject=f"shift:{shift.pk}", details=details)


def shift_accept(*, shift: Shift, actor: User) -> None:
    """Sign a colleague's sheet as the one who takes over. Audit: `shift.accepted`, with what was signed.

    Raises:
        ValidationError: it is one's own, has not ended, or was taken over already.
    """
    if not actor.has_role(*DESK_ROLES) or shift.person_id == actor.pk:
        raise ValidationError(gettext("A colleague signs the second time."))
    with transaction.atomic():
        waiting = Shift.objects.filter(pk=shift.pk, accepted_by=None, ended_at__isnull=False, purged_at=None)
        if waiting.update(accepted_by=actor, accepted_at=timezone.now()) != 1:
            raise ValidationError(gettext("This handover was signed by somebody else meanwhile."))
        audit_record(
            action="shift.accepted", actor=actor, subject=f"shift:{shift.pk}", details={"digest": shift.digest}
        )


def shifts_purge(*, now: datetime | None = None) -> int:
    """Delete sheets and notes at the ceiling of the strictest policy of their sites' cameras. Returns how many.

    Who had the desk and who signed what stays. Audit: `retention.purged`.
    """
    moment = now or timezone.now()
    count = 0
    kept = Shift.objects.filter(ended_at__isnull=False, purged_at=None)
    for shift in kept.annotate(days=Min("sites__cameras__retention__alert_days")):
        if shift.ended_at is None or shift.days is None or shift.ended_at + timedelta(days=shift.days) > moment:
            continue
        with transaction.atomic():
            Shift.objects.filter(pk=shift.pk).update(sheet={}, notes="", purged_at=moment)
            details = {"kind": "handover sheets", "count": 1, "digest": shift.digest}
            audit_record(action="retention.purged", actor=None, subject=f"shift:{shift.pk}", details=details)
        count += 1
    return count
