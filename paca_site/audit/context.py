"""What every page of auditors and administrators says when the trail is broken."""

from typing import Any

from django.http import HttpRequest

from paca_site.accounts.models import Role, User
from paca_site.audit.verification import last_verification


def trail_fault(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `trail_fault`, what the newest verification found wrong; empty for everybody else."""
    user = getattr(request, "user", None)
    if not isinstance(user, User) or not user.has_role(Role.AUDITOR, Role.ADMINISTRATOR) or request.htmx:  # type: ignore[attr-defined]
        return {"trail_fault": ""}
    last = last_verification()
    return {"trail_fault": last.fault if last else ""}
