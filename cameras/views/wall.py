"""The wall of live masked cameras."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from cameras.access import SEES_FOOTAGE, visible_cameras
from cameras.conditions import camera_condition
from cameras.models import Camera
from paca_site.accounts.access import role_required, signed_in
from paca_site.audit.services import audit_record_now

OPEN_STATES = ("new", "escalated")
"""Of an alert that waits for a decision; `alerts` stands above this app, so they are repeated (a test compares)."""


@role_required(*SEES_FOOTAGE)
@require_safe
def wall(request: HttpRequest) -> HttpResponse:
    """Show all cameras of the person's scope, live. Audit: `wall.opened`."""
    user = signed_in(request)
    cameras = visible_cameras(user)
    audit_record_now(
        action="wall.opened",
        actor=user,
        details={"sites": sorted({camera.site_id for camera in cameras}), "cameras": [camera.pk for camera in cameras]},
    )
    tiles = [{"camera": camera, "condition": camera_condition(camera)} for camera in cameras]
    return render(request, "cameras/wall.html", {"tiles": tiles})


@role_required(*SEES_FOOTAGE)
@require_safe
def wall_alerts(request: HttpRequest) -> JsonResponse:
    """Say which cameras of the person's scope have an open alert; the most urgent, then the newest, of each."""
    cameras = visible_cameras(signed_in(request))
    found = (
        Camera.objects.filter(pk__in=[camera.pk for camera in cameras], alerts__state__in=OPEN_STATES)
        .order_by("pk", "-alerts__severity", "-alerts__raised_at")
        .distinct("pk")
        .values("pk", "alerts__pk", "alerts__severity", "alerts__sentence")
    )
    marks: dict[str, Any] = {
        str(row["pk"]): {
            "url": reverse("alerts:alert-detail", args=[row["alerts__pk"]]),
            "severity": row["alerts__severity"],
            "sentence": row["alerts__sentence"],
        }
        for row in found
    }
    return JsonResponse({"alerts": marks}, headers={"Cache-Control": "no-store"})
