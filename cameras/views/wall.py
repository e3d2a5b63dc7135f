"""The wall of live masked cameras."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from cameras.access import SEES_FOOTAGE, visible_cameras
from cameras.alert_marks import open_alert_marks
from cameras.conditions import camera_condition
from cameras.line_words import line_words_now
from cameras.services.watching import wall_opened
from paca_site.accounts.access import role_required, signed_in

WALL_SIZES = (1, 4, 9, 16)


@role_required(*SEES_FOOTAGE)
@require_safe
def wall(request: HttpRequest) -> HttpResponse:
    """Show all cameras of the person's scope, live. Audit: `wall.opened`, one entry per site."""
    user = signed_in(request)
    cameras = visible_cameras(user)
    wall_opened(cameras=cameras, actor=user)
    tiles = [{"camera": camera, "condition": camera_condition(camera)} for camera in cameras]
    return render(request, "cameras/wall.html", {"tiles": tiles, "sizes": WALL_SIZES, "line_words": line_words_now()})


@role_required(*SEES_FOOTAGE)
@require_safe
def wall_alerts(request: HttpRequest) -> JsonResponse:
    """Say which cameras of the person's scope have an open alert; the most urgent, then the newest, of each."""
    found = open_alert_marks(visible_cameras(signed_in(request)))
    marks: dict[str, Any] = {
        str(mark.camera_id): {
            "url": reverse("alerts:alert-detail", args=[mark.alert_id]),
            "severity": mark.severity,
            "sentence": mark.sentence,
        }
        for mark in found
    }
    return JsonResponse({"alerts": marks}, headers={"Cache-Control": "no-store"})
