"""A serious incident is reported: from then on the deadlines run."""

from dataclasses import dataclass
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext

from cameras.models import Camera
from paca_site.accounts.models import User
from paca_site.audit.services import audit_record
from paca_site.oversight.serious.deadlines import due
from paca_site.oversight.serious.harms import Harm
from paca_site.oversight.serious.models import SHORTEST, Duty, Entry, EntryKind, Report
from paca_site.oversight.serious.services.telling import overdue_tell


@dataclass(frozen=True, slots=True)
class Account:
    """What is told of an incident at first, in words.

    Attributes:
        happened: what happened.
        measures: what was done at once; empty: nothing yet.
        token: of the form: one form, one report.
    """

    happened: str
    measures: str
    token: UUID


def report_file(*, report: Report, account: Account, cameras: list[Camera], actor: User) -> Report:
    """Keep a report, what happened, the first measures, and who is to be told by when.

    A form that is sent twice gives the report that it made. Side effects: audit `serious.filed`; where a deadline has
    passed already, a system alert.

    Raises:
        ValidationError: a field is not allowed, no kind of harm is named, or what happened is told too shortly.
    """
    happened = account.happened.strip()
    if len(happened) < SHORTEST:
        raise ValidationError(
            {
                "happened": gettext("Say what happened in at least {shortest} characters; these are {given}.").format(
                    shortest=SHORTEST, given=len(happened)
                )
            }
        )
    unknown = [harm for harm in report.harms if harm not in Harm.values]
    if unknown or not report.harms:
        raise ValidationError({"harms": gettext("Choose at least one kind of harm of the list.")})
    report.filed_by, report.filed_at = actor, timezone.now()
    report.cameras = [{"id": camera.pk, "name": camera.name} for camera in cameras]
    if report.noticed_at > report.filed_at:
        raise ValidationError({"noticed_at": gettext("It cannot have been noticed in the future.")})
    if report.began_at and report.began_at > report.noticed_at:
        raise ValidationError({"began_at": gettext("It cannot have begun after it was noticed.")})
    report.full_clean()
    try:
        with transaction.atomic():
            _store(report, happened, account, actor)
    except IntegrityError:
        report.pk = None
        made = Report.objects.filter(entries__token=account.token, filed_by=actor).first()
        if made is None:
            raise
        return made
    return report


def _store(report: Report, happened: str, account: Account, actor: User) -> None:
    report.save()
    Entry.objects.create(report=report, number=1, kind=EntryKind.ACCOUNT, text=happened, by=actor, token=account.token)
    if account.measures.strip():
        Entry.objects.create(report=report, number=2, kind=EntryKind.MEASURE, text=account.measures.strip(), by=actor)
    duties = due(report.harms, report.noticed_at)
    Duty.objects.bulk_create(
        Duty(report=report, recipient=recipient, law=law, due_at=due_at) for law, (recipient, due_at) in duties.items()
    )
    transaction.on_commit(overdue_tell)
    audit_record(
        action="serious.filed",
        actor=actor,
        subject=f"serious:{report.pk}",
        site_id=report.site_id,
        details={
            "harms": report.harms,
            "gravity": report.gravity,
            "noticed": report.noticed_at.isoformat(),
            "cameras": [camera["id"] for camera in report.cameras],
            "alerts": report.alert_ids,
            "due": {str(law): due_at.isoformat() for law, (_recipient, due_at) in duties.items()},
        },
    )
