"""What is kept now."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from cameras.access import visible_cameras
from cameras.holdings import camera_holdings, expiring_within
from paca_site.accounts.access import role_required, signed_in
from paca_site.accounts.models import Role
from paca_site.audit.access import last_entry

SOON = timedelta(hours=24)


@role_required(Role.SUPERVISOR, Role.ADMINISTRATOR, Role.CUSTODIAN, Role.AUDITOR)
@require_safe
def holding_list(request: HttpRequest) -> HttpResponse:
    """Count what is kept of each camera of the person's scope, and what is kept too long (nothing, or a red banner)."""
    holdings = camera_holdings(visible_cameras(signed_in(request)))
    context = {
        "holdings": holdings,
        "overdue": sum(holding.overdue for holding in holdings),
        "held": sum(holding.held for holding in holdings),
        "total_bytes": sum(holding.recordings.size_bytes for holding in holdings),
        "total_hours": sum(holding.recordings.hours for holding in holdings),
        "total_segments": sum(holding.recordings.count for holding in holdings),
        "total_sealed": sum(holding.sealed.count for holding in holdings),
        "sealed_bytes": sum(holding.sealed.size_bytes for holding in holdings),
        "total_clips": sum(holding.clips for holding in holdings),
        "total_alerts": sum(holding.alerts for holding in holdings),
        "last_purge": last_entry("retention.purged"),
    }
    return render(request, "cameras/holding_list.html", context)


@role_required(Role.SUPERVISOR, Role.ADMINISTRATOR, Role.CUSTODIAN, Role.AUDITOR)
@require_safe
def expiring_list(request: HttpRequest) -> HttpResponse:
    """Count what reaches its ceiling within a day: the last moment to place a hold on it."""
    user = signed_in(request)
    expiring = expiring_within(visible_cameras(user), SOON)
    context = {
        "expiring": expiring,
        "total_recordings": sum(each.recordings for each in expiring),
        "total_sealed": sum(each.sealed for each in expiring),
        "total_alerts": sum(each.alerts for each in expiring),
        "may_hold": user.has_role(Role.SUPERVISOR, Role.CUSTODIAN),
    }
    return render(request, "cameras/expiring_list.html", context)
