"""A report ends: somebody else says how it came out and what was learnt."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from paca_site.accounts.models import User
from paca_site.audit.services import audit_record
from paca_site.oversight.serious.harms import Outcome
from paca_site.oversight.serious.models import SHORTEST, Duty, Report
from paca_site.oversight.serious.services.telling import overdue_tell


def report_close(*, report: Report, outcome: Outcome, lessons: str, actor: User) -> None:
    """Close a report, once. Side effects: audit `serious.closed`; its system alert ends.

    Raises:
        ValidationError: the person filed it, somebody is still to be told, it is closed, or the lessons are too short.
    """
    lessons = lessons.strip()
    if len(lessons) < SHORTEST:
        raise ValidationError(
            gettext("Say what was learnt in at least {shortest} characters; these are {given}.").format(
                shortest=SHORTEST, given=len(lessons)
            )
        )
    if report.filed_by_id == actor.pk:
        raise ValidationError(gettext("You reported it; another person closes it."), code="own")
    with transaction.atomic():
        if not Report.objects.select_for_update(of=("self",)).open().filter(pk=report.pk).exists():
            raise ValidationError(gettext("Somebody has closed this report meanwhile."), code="closed")
        waiting = Duty.objects.unsettled().filter(report=report).count()
        if waiting:
            raise ValidationError(
                ngettext(
                    "{count} is still to be told, or marked as not needing to be.",
                    "{count} are still to be told, or marked as not needing to be.",
                    waiting,
                ).format(count=waiting),
                code="waiting",
            )
        report.outcome, report.lessons = outcome, lessons
        report.closed_at, report.closed_by = timezone.now(), actor
        report.full_clean()
        report.save(update_fields=["outcome", "lessons", "closed_at", "closed_by"])
        transaction.on_commit(overdue_tell)
        audit_record(
            action="serious.closed",
            actor=actor,
            subject=f"serious:{report.pk}",
            site_id=report.site_id,
            details={"outcome": outcome, "days": (report.closed_at - report.filed_at).days},
        )
