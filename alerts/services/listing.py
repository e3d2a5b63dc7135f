"""Reading the decisions of colleagues leaves a trace."""

from django.http import QueryDict

from paca_site.accounts.models import User
from paca_site.audit.services import audit_record_now


def decisions_listed(*, actor: User, filters: QueryDict, count: int) -> None:
    """Record that a person listed decisions, and what they looked for. Audit: `decisions.listed`."""
    asked = {name: value[:80] for name, value in filters.items() if isinstance(value, str) and value}
    details = {"filters": asked, "count": count}
    audit_record_now(action="decisions.listed", actor=actor, subject="decisions", details=details)
