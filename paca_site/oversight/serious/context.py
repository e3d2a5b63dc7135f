"""What every page tells those who answer for it: deadlines of serious-incident reports that have passed."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from paca_site.accounts.access import site_ids
from paca_site.accounts.models import User
from paca_site.oversight.serious.access import READS
from paca_site.oversight.serious.models import Duty


def serious_overdue(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `serious_overdue`, how many deadlines of the person's sites have passed; 0 for all others."""
    user = getattr(request, "user", None)
    if not isinstance(user, User) or not user.has_role(*READS) or request.htmx:  # type: ignore[attr-defined]
        return {"serious_overdue": 0}
    overdue = Duty.objects.overdue(timezone.now())
    if not overdue.exists():  # nearly always: then no site is asked for
        return {"serious_overdue": 0}
    return {"serious_overdue": overdue.filter(report__site__in=site_ids(user)).count()}
