"""The queue: the desk without an alert chosen, and its rows for screens that catch up."""

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import render
from django.views.decorators.http import require_safe

from alerts.desk import undo_context
from alerts.queue import desk_page, load_queue
from cameras.access import SEES_FOOTAGE, visible_cameras
from paca_site.accounts.access import role_required, signed_in
from paca_site.accounts.training.standing import standing_of


@require_safe
@role_required(*SEES_FOOTAGE)
def queue(request: HttpRequest) -> HttpResponse:
    """Show the desk with no alert chosen."""
    user = signed_in(request)
    if request.htmx:  # type: ignore[attr-defined]  # set by django-htmx's middleware
        context = {"queue": load_queue(user), "is_swap": True, "standing": standing_of(user), **undo_context(user)}
        response = render(request, "alerts/_alert_none.html", context)
        response["HX-Push-Url"] = request.path
        return response
    cameras = visible_cameras(user)
    context = {**desk_page(user), "cameras": cameras, "standing": standing_of(user), **undo_context(user)}
    return render(request, "alerts/alert_desk.html", context)


@require_safe
@role_required(*SEES_FOOTAGE)
def queue_rows(request: HttpRequest) -> HttpResponse:
    """Return the rows as they stand in the database; 304 where the screen has them already."""
    found = load_queue(signed_in(request))
    etag = found.etag
    if request.headers.get("If-None-Match") == etag:
        response: HttpResponse = HttpResponseNotModified()
    else:
        response = render(request, "alerts/_queue_rows.html", {"queue": found})
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    return response
