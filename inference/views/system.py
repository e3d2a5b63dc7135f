"""How the whole system is: for administrators, and for supervisors to read."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from alerts.system.access import SEES_WHOLE
from alerts.system.history import current_alerts
from inference.system_page import system_context
from paca_site.accounts.access import role_required, signed_in


@require_safe
@role_required(*SEES_WHOLE)
def system_page(request: HttpRequest) -> HttpResponse:
    """Show workers, cameras, services and disk as they are now, and charts of the last day."""
    user = signed_in(request)
    return render(request, "system/system_page.html", {**system_context(user), "current": current_alerts(user)})
