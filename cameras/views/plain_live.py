"""The live view for browsers without JavaScript: a page, its film and a single picture."""

import uuid

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cameras.access import Watcher, access_camera
from cameras.conditions import camera_condition
from cameras.models import Camera
from cameras.plain_live import BOUNDARY, FILM_S, film_timed, next_picture
from cameras.services.watching import cameras_watched
from paca_site.accounts.access import signed_in


@require_safe
def plain_live(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one camera live without JavaScript; the page loads itself anew when the film ends."""
    camera = access_camera(signed_in(request), pk, footage=True)
    context = {"camera": camera, "condition": camera_condition(camera), "again_s": int(FILM_S) - 2}
    response = render(request, "cameras/plain_live.html", context)
    response["Cache-Control"] = "private, no-store"
    return response


@require_safe
async def plain_film(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Send a minute of motion JPEG. Audit: `camera.watched`, before the first picture; `camera.watch-ended`."""
    view_id = uuid.uuid4()
    watcher, camera = await sync_to_async(_begin)(request, pk, view_id)
    response = StreamingHttpResponse(
        film_timed(camera.pk, watcher, view_id), content_type=f"multipart/x-mixed-replace; boundary={BOUNDARY}"
    )
    response["Cache-Control"] = "private, no-store"
    return response


@require_safe
async def plain_picture(request: HttpRequest, pk: int) -> HttpResponse:
    """Send the camera's next masked picture, or say that none comes. Audit: `camera.watched`, a still, before it."""
    _watcher, camera = await sync_to_async(_begin)(request, pk, uuid.uuid4(), is_still=True)
    is_expected = (await sync_to_async(camera_condition)(camera)).name == "live"
    jpeg = await next_picture(camera.pk) if is_expected else None
    if jpeg is None:
        response = HttpResponse(_("There is no picture of this camera now."), status=503)
        response["Retry-After"] = "5"
    else:
        response = HttpResponse(jpeg, content_type="image/jpeg")
    response["Cache-Control"] = "private, no-store"
    return response


def _begin(request: HttpRequest, pk: int, view_id: uuid.UUID, *, is_still: bool = False) -> tuple[Watcher, Camera]:
    user = signed_in(request)
    camera = access_camera(user, pk, footage=True)
    watcher = Watcher(user.pk, request.session.session_key)
    cameras_watched(watcher=watcher, cameras=[camera.pk], view_id=view_id, is_still=is_still)
    return watcher, camera
