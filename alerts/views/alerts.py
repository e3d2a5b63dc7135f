"""One alert on the desk."""

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from alerts.access import access_alert
from alerts.desk import alert_context, clip_context, clip_version, view_of_token, view_token
from alerts.neighbours import neighbours_of
from alerts.queue import desk_page
from alerts.services.viewing import alert_viewed
from cameras.conditions import camera_condition
from cameras.line_words import line_words_now
from paca_site.accounts.access import signed_in


@require_safe
def alert_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show an alert: the whole desk, or only the alert's part where the desk is open already."""
    user = signed_in(request)
    alert = access_alert(user, pk)
    view_id = uuid.uuid4()
    alert_viewed(alert=alert, actor=user, view_id=view_id)
    context = {**alert_context(user, alert, view_token(user, alert, view_id)), "is_opening": True}
    if request.htmx and not request.htmx.history_restore_request:  # type: ignore[attr-defined]
        response = render(request, "alerts/_alert.html", {**context, "is_swap": True})
        response["HX-Push-Url"] = request.path
        return response
    return render(request, "alerts/alert_desk.html", {**context, **desk_page(user)})


@require_safe
def alert_live(request: HttpRequest, pk: int) -> HttpResponse:
    """Return the live tiles of an alert's camera and of its neighbours; each shown is recorded by the live socket."""
    user = signed_in(request)
    camera = access_alert(user, pk).camera
    tiles = [(each, camera_condition(each)) for each in (camera, *neighbours_of(camera, user))]
    return render(request, "alerts/_live.html", {"tiles": tiles, "line_words": line_words_now()})


@require_safe
def alert_clip_state(request: HttpRequest, pk: int) -> HttpResponse:
    """Return the clip's part anew if it has changed since `version`; 204 otherwise."""
    user = signed_in(request)
    alert = access_alert(user, pk)
    if request.GET.get("version") == clip_version(alert):
        return HttpResponse(status=204)
    view_id = view_of_token(request.GET.get("view", ""), user, alert)
    token = view_token(user, alert, view_id) if view_id else ""
    return render(request, "alerts/_clip.html", clip_context(user, alert, token))
