"""A camera's history: the page, the reason that old history asks for, and the recorded files."""

import logging
import uuid
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from csp.decorators import csp_update
from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from alerts.playback.drawing import history_context
from alerts.playback.openings import GRANT, OPENING, Opening, covers, needs_reason, opening_of, token_of
from alerts.playback.timeline import timeline_of
from alerts.playback.window import Window, WindowError, read_window, window_around
from alerts.services.history_opening import history_closed, history_opened, history_reason_given
from alerts.views.media import serve_file
from cameras.access import access_camera, access_segment
from cameras.archive.bucket import ArchiveError
from cameras.archive.services import segment_fetch
from cameras.footage import footage_path
from cameras.models import Camera
from paca_site.accounts.access import signed_in

logger = logging.getLogger(__name__)


class ReasonForm(forms.Form):
    """Why a person needs to see old history."""

    reason = forms.CharField(
        min_length=10,
        max_length=300,
        label=_("Why you need to see it"),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("10 to 300 characters, such as the case number and who asked. Auditors read it. Name nobody."),
    )


# the player joins files into one film in memory; the decorator's types know views without arguments only
@csp_update({"media-src": ["blob:"]})  # type: ignore[arg-type]
@require_safe
def history(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a day, an hour or ten minutes of a camera's history. Audit: `history.opened`; old history asks why first."""
    user = signed_in(request)
    camera = access_camera(user, pk, footage=True)
    window, now = _window(camera, request.GET.get("at", ""), request.GET.get("span", "")), timezone.now()
    grant = request.GET.get("grant", "")
    if needs_reason(window, now) and not covers(grant, GRANT, user, camera, window.starts_at, window.ends_at):
        return _ask(request, camera, window, ReasonForm(label_suffix=""))
    view_id = uuid.uuid4()
    history_opened(camera=camera, window=window, actor=user, view_id=view_id)
    opening = token_of(OPENING, user, camera, window, Opening(view_id, now))
    context = history_context(camera, window, timeline_of(camera, window, now), opening, grant, now)
    response = render(request, "playback/history.html", context)
    response["Cache-Control"] = "private, no-store"  # going back is an opening too
    return response


@require_POST
def history_close(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the word of a page that it is left. Audit: `history.closed`, once for each opening."""
    user = signed_in(request)
    camera = access_camera(user, pk, footage=True)
    opening = opening_of(request.POST.get("opening", ""), user, camera)
    if opening is None:
        return HttpResponse(_("This names no opening of yours."), status=400)
    history_closed(camera=camera, opening=opening, actor=user, now=timezone.now())
    return HttpResponse(status=204)


@require_POST
def history_reason(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the reason for a day of old history, and show it. Audit: `history.reason-given`."""
    user = signed_in(request)
    camera = access_camera(user, pk, footage=True)
    window = _window(camera, request.POST.get("at", ""), request.POST.get("span", ""))
    form = ReasonForm(request.POST, label_suffix="")
    if not form.is_valid():
        return _ask(request, camera, window, form, status=422)
    day = window_around(window.at, "day", ZoneInfo(camera.site.time_zone))
    history_reason_given(camera=camera, window=day, actor=user, reason=form.cleaned_data["reason"])
    return redirect(_page(camera, window.at, window.span, grant=token_of(GRANT, user, camera, day)))


@require_safe
def history_segment(request: HttpRequest, pk: int, segment: int) -> HttpResponseBase:
    """Send (a part of) a masked file within a recorded opening; without one, the way to the page that records it."""
    user = signed_in(request)
    camera = access_camera(user, pk, footage=True)
    row = access_segment(camera, segment)
    opening = request.GET.get("opening", "")
    last = row.ended_at or row.started_at
    starts_inside = covers(opening, OPENING, user, camera, row.started_at, row.started_at)
    if not starts_inside and not covers(opening, OPENING, user, camera, last, last):
        return redirect(_page(camera, row.started_at, "minutes"))
    try:
        segment_fetch(row)
    except ArchiveError as error:
        logger.warning("segment %s: %s", row.pk, error)
        response = HttpResponse(_("it lies in the archive, which does not answer now"), status=503)
        response["Retry-After"] = "30"
        return response
    return serve_file(request, footage_path(row.path), "video/mp4")


def _page(camera: Camera, at: datetime, span: str, **more: str) -> str:
    query = urlencode({"at": at.isoformat(timespec="seconds"), "span": span, **more})
    return f"{reverse('playback:history', args=[camera.pk])}?{query}"


def _window(camera: Camera, at: str, span: str) -> Window:
    try:
        return read_window(at, span, ZoneInfo(camera.site.time_zone), timezone.now())
    except WindowError as error:
        raise Http404(str(error)) from error


def _ask(request: HttpRequest, camera: Camera, window: Window, form: ReasonForm, status: int = 200) -> HttpResponse:
    context: dict[str, Any] = {"camera": camera, "window": window, "form": form}
    return render(request, "playback/history_reason.html", context, status=status)
