"""A deadline that passes becomes a system alert, and stays one until it is settled."""

from django.utils import timezone
from django.utils.translation import gettext

from alerts.system.causes import Cause
from alerts.system.services.telling import Finding, findings_tell, vanished_end
from paca_site.oversight.serious.models import Duty


def overdue_tell() -> int:
    """Bring the system alerts in line with the deadlines; safe to run at any time and twice. Returns how many changed.

    One alert a report, about its earliest missed deadline. It tells number, recipient and time; what happened is told
    to people of the site only. Side effects: system alerts and their pushes.
    """
    now = timezone.now()
    findings: dict[str, Finding] = {}
    for duty in Duty.objects.overdue(now).order_by("due_at"):
        subject = f"report:{duty.report_id}"
        why = gettext("{recipient}: to be told by {due_at:%Y-%m-%d %H:%M} UTC.").format(
            recipient=duty.get_recipient_display(), due_at=duty.due_at
        )
        findings.setdefault(subject, Finding(Cause.SERIOUS_OVERDUE, subject, why, now))
    changed = findings_tell(list(findings.values()))
    return changed + vanished_end(cause=Cause.SERIOUS_OVERDUE, subjects=findings, at=now)
