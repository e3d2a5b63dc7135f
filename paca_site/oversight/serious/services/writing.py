"""Adding to a report: measures, notes, corrections, and what became of the duty to tell somebody."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext

from paca_site.accounts.models import User
from paca_site.audit.services import audit_record
from paca_site.oversight.serious.deadlines import due
from paca_site.oversight.serious.harms import Harm
from paca_site.oversight.serious.models import ABOUT_DUTIES, SETTLES, SHORTEST, Duty, Entry, EntryKind, Report
from paca_site.oversight.serious.services.telling import overdue_tell
from paca_site.oversight.serious.standing import harms_of


def entry_add(*, entry: Entry, actor: User) -> None:
    """Add a measure, a note or a correction; a correction may change how grave it is and add kinds of harm.

    What a harm was added for must be told by the deadline that runs from the moment the incident was noticed. The same
    form sent twice adds one entry. Side effects: audit `serious.added`; perhaps a system alert.

    Args:
        entry: with report, kind, text, token, and of a correction `gravity` and `added_harms`.
        actor: who writes it.

    Raises:
        ValidationError: the report is closed, or a field is not allowed.
    """
    if entry.kind not in (EntryKind.MEASURE, EntryKind.NOTE, EntryKind.CORRECTION):
        raise ValidationError(gettext("Choose a measure, a note or a correction."))
    if entry.kind != EntryKind.CORRECTION and (entry.gravity or entry.added_harms):
        raise ValidationError(gettext("Only a correction changes how grave it is or adds a kind of harm."))
    _check_text(entry.text)
    with transaction.atomic():
        report = _locked_open(entry.report_id)
        entry.added_harms = _new_harms(report, entry.added_harms)
        if not _append(entry, actor):
            return
        duties = _duties_add(report)
        transaction.on_commit(overdue_tell)
        audit_record(
            action="serious.added",
            actor=actor,
            subject=f"serious:{report.pk}",
            site_id=report.site_id,
            details={
                "entry": entry.number,
                "kind": entry.kind,
                "gravity": entry.gravity,
                "added_harms": entry.added_harms,
                "due": {str(duty.law): duty.due_at.isoformat() for duty in duties},
            },
        )


def duty_settle(*, duty: Duty, kind: EntryKind, text: str, told_at: datetime | None, token: UUID, actor: User) -> None:
    """Write down that somebody was told, need not be told, or was not told after all. Audit: `serious.<kind>`.

    The same form sent twice adds one entry. Side effects: an audit entry; a system alert ends, or comes.

    Raises:
        ValidationError: the report is closed, the duty is in that state already, or a field is not allowed.
    """
    if kind not in ABOUT_DUTIES:
        raise ValidationError(gettext("Choose what became of it."))
    if (kind == EntryKind.TOLD) != (told_at is not None):
        raise ValidationError(gettext("Say when somebody was told, and only where somebody was."))
    if told_at is not None and not duty.report.noticed_at <= told_at <= timezone.now():
        raise ValidationError(gettext("They were told between the moment it was noticed and now."))
    _check_text(text)
    with transaction.atomic():
        report = _locked_open(duty.report_id)
        entry = Entry(report=report, kind=kind, text=text, duty=duty, told_at=told_at, token=token)
        if Entry.objects.filter(token=token, report=report).exists():
            return
        last_kind = Entry.objects.filter(duty=duty).order_by("-number").values_list("kind", flat=True).first()
        if (last_kind in SETTLES) == (kind in SETTLES):
            raise ValidationError(
                gettext("Somebody has settled this meanwhile.")
                if kind in SETTLES
                else gettext("Its deadline runs already."),
                code="settled",
            )
        _append(entry, actor)
        transaction.on_commit(overdue_tell)
        audit_record(
            action=f"serious.{kind}",
            actor=actor,
            subject=f"serious:{report.pk}",
            site_id=report.site_id,
            details={
                "entry": entry.number,
                "recipient": duty.recipient,
                "law": duty.law,
                "due": duty.due_at.isoformat(),
                "told": told_at.isoformat() if told_at else None,
                "in_time": (told_at or timezone.now()) <= duty.due_at,
            },
        )


def _check_text(text: str) -> None:
    if len(text.strip()) < SHORTEST:
        raise ValidationError(
            gettext("Write at least {shortest} characters; these are {given}.").format(
                shortest=SHORTEST, given=len(text.strip())
            )
        )


def _locked_open(pk: int) -> Report:
    report = Report.objects.select_for_update(of=("self",)).open().filter(pk=pk).first()
    if report is None:
        raise ValidationError(gettext("This report is closed; report what is new anew."), code="closed")
    return report


def _new_harms(report: Report, added: Sequence[str]) -> list[str]:
    unknown = [harm for harm in added if harm not in Harm.values]
    if unknown:
        raise ValidationError(gettext("Choose kinds of harm of the list."))
    known = harms_of(report)
    return [harm for harm in added if harm not in known]


def _append(entry: Entry, actor: User) -> bool:
    """Number and store an entry; the report is locked. Returns whether it is new."""
    if Entry.objects.filter(token=entry.token, report=entry.report_id).exists():
        return False
    entry.text, entry.by, entry.at = entry.text.strip(), actor, timezone.now()
    entry.number = Entry.objects.filter(report=entry.report_id).count() + 1
    entry.full_clean(validate_unique=False)
    try:
        with transaction.atomic():
            entry.save(force_insert=True)
    except IntegrityError as error:  # its form's number was used for another report
        raise ValidationError(gettext("This form was sent for another report; open this one anew.")) from error
    return True


def _duties_add(report: Report) -> list[Duty]:
    """Write down the duties that the harms bring about and nobody has written down, or not as early."""
    known = {duty.recipient: duty.due_at for duty in report.duties.order_by("-due_at")}  # the earliest is left
    found = [
        Duty(report=report, recipient=recipient, law=law, due_at=due_at)
        for law, (recipient, due_at) in due(harms_of(report), report.noticed_at).items()
        if recipient not in known or due_at < known[recipient]
    ]
    laws = set(report.duties.values_list("law", flat=True))
    return Duty.objects.bulk_create([duty for duty in found if duty.law not in laws])
