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
    asked = {name: value[:80] for name, value in filters.items() if isinstance(value, str) and value}
    details = {"filters": asked, "count": count}
    audit_record_now(action="decisions.listed", actor=actor, subject="decisions", details=details)
