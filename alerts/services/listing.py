"""Reading lists of alerts and the decisions of colleagues leaves a trace."""

from django.http import QueryDict

from alerts.incidents import Incident
from paca_site.accounts.models import User
from paca_site.audit.services import audit_record_now


def incident_viewed(*, incident: Incident, actor: User) -> None:
    """Record that a person looked at an incident. Audit: `incident.viewed`."""
    audit_record_now(action="incident.viewed", actor=actor, subject=f"incident:{incident.pk}", site_id=incident.site_id)


def decisions_listed(*, actor: User, filters: QueryDict, count: int) -> None:
    """Record that a person listed decisions, and what they looked for. Audit: `decisions.listed`."""
    details = {"filters": _asked(filters), "count": count}
    audit_record_now(action="decisions.listed", actor=actor, subject="decisions", details=details)


def decisions_exported(*, actor: User, filters: QueryDict, rows: int, reason: str) -> int:
    """Record that a person takes decisions away as a file, before it is sent. Audit: `decisions.exported`.

    Returns:
        The number of the entry.
    """
    asked = {name: value for name, value in _asked(filters).items() if name != "before"}  # a file has no pages
    details = {"filters": asked, "rows": rows, "reason": reason}
    return audit_record_now(action="decisions.exported", actor=actor, subject="decisions", details=details).number


def _asked(filters: QueryDict) -> dict[str, str]:
    kept = ("verdict", "by", "camera", "first_day", "last_day", "before")
    return {name: str(filters[name])[:80] for name in kept if filters.get(name)}
