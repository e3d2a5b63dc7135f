"""Masked clips and posters. Own answer to Range: FileResponse ignores it under ASGI and loads the whole file."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.views.decorators.http import require_safe

from alerts.access import access_alert
from alerts.byte_range import RangeNotSatisfiableError, parse_range
from alerts.desk import view_of_token
from alerts.models import ClipState
from alerts.services.viewing import clip_viewed, poster_viewed
from cameras.footage import footage_path
from paca_site.accounts.access import signed_in

MOST_BYTES = 2 * 1024 * 1024
PIECE_BYTES = 256 * 1024


@require_safe
def alert_clip(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Send (a part of) the masked clip; the first request of an opening is recorded before anything is sent."""
    user = signed_in(request)
    alert = access_alert(user, pk)
    if alert.clip_state != ClipState.READY or not alert.clip_path:
        raise Http404("This alert has no clip.")
    path = footage_path(alert.clip_path)
    if not path.is_file():
        raise Http404("The clip's file is gone.")
    clip_viewed(alert=alert, actor=user, view_id=view_of_token(request.GET.get("view", ""), user, alert))
    return serve_file(request, path, "video/mp4")


@require_safe
def alert_poster(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Send the masked poster; looking at it is recorded before anything is sent."""
    user = signed_in(request)
    alert = access_alert(user, pk)
    if not alert.poster_path:
        raise Http404("This alert has no poster.")
    poster_viewed(alert=alert, actor=user)
    return serve_file(request, footage_path(alert.poster_path), "image/jpeg")


def serve_file(request: HttpRequest, path: Path, content_type: str) -> HttpResponseBase:
    """Answer with a whole file in small pieces, or with up to 2 MiB of the range that was asked for.

    The caller has checked who asks. Where nginx is named (PACA_ACCEL_LOCATION), it sends the file, ranges included.
    """
    try:
        facts = path.stat()
    except FileNotFoundError:
        raise Http404("The file is gone.") from None
    if settings.ACCEL_LOCATION:
        return _left_to_nginx(path, content_type)
    size = facts.st_size
    # No Last-Modified, and the address in the tag: the clip of a test alert is older than the alert, and another's.
    etag = '"' + hashlib.sha256(f"{request.path} {facts.st_mtime_ns} {size}".encode()).hexdigest()[:24] + '"'
    wanted = request.headers.get("Range", "")
    if request.headers.get("If-Range", etag) != etag:
        wanted = ""  # the file is another one by now: a part of it would not fit
    response: HttpResponseBase
    try:
        part = parse_range(wanted, size, MOST_BYTES)
    except RangeNotSatisfiableError:
        response = HttpResponse(status=416)
        response["Content-Range"] = f"bytes */{size}"
    else:
        if part is None:
            is_head = request.method == "HEAD"
            response = HttpResponse() if is_head else StreamingHttpResponse(_pieces(path, size))
            response["Content-Length"] = str(size)
        else:
            response = HttpResponse(_read(path, part.first, part.size), status=206)
            response["Content-Range"] = f"bytes {part.first}-{part.last}/{size}"
            response["Content-Length"] = str(part.size)
        response["Content-Type"] = content_type
        response["ETag"] = etag
    response["Accept-Ranges"] = "bytes"
    response["Cache-Control"] = "private, no-store"
    return response


def _left_to_nginx(path: Path, content_type: str) -> HttpResponse:
    """Name the file to nginx; the browser never sees where it lies, and nginx's location is internal."""
    inside = path.resolve().relative_to(Path(settings.FOOTAGE_DIR).resolve()).as_posix()
    response = HttpResponse(content_type=content_type)
    response["X-Accel-Redirect"] = settings.ACCEL_LOCATION + quote(inside)
    response["Cache-Control"] = "private, no-store"
    return response


def _read(path: Path, first: int, count: int) -> bytes:
    with path.open("rb") as file:
        file.seek(first)
        return file.read(count)


async def _pieces(path: Path, size: int) -> AsyncIterator[bytes]:
    for first in range(0, size, PIECE_BYTES):
        yield await asyncio.to_thread(_read, path, first, min(PIECE_BYTES, size - first))
