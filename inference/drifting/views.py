"""Drift: how each camera's last week compares with the four before."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from cameras.access import SEES_CONFIGURATION, visible_cameras
from paca_site.accounts.access import role_required, signed_in


@role_required(*SEES_CONFIGURATION)
@require_safe
def drift_list(request: HttpRequest) -> HttpResponse:
    """Show the newest comparison of each camera of the person, flagged ones first."""
    cameras = visible_cameras(signed_in(request), "drift")
    rows = [(camera, getattr(camera, "drift", None)) for camera in cameras]
    rows.sort(key=lambda row: not (row[1] and row[1].is_flagged))
    return render(request, "drifting/drift_list.html", {"rows": rows})
