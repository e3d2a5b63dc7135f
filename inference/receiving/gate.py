"""The door for camera boxes: who signed this request, and may it be taken? Everything else is refused, and told why.

The order matters: nothing is stored for a request whose signature has not been checked, and the nonce comes last.
"""

import json
import logging
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, Concatenate, Final, ParamSpec

from django.contrib.auth.decorators import login_not_required
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from cameras.boxes.models import Box, Placement, UsedNonce
from cameras.boxes.services.enrolling import box_key_promote
from cameras.stopping.gate import reasons_against_running as halts_of
from inference.core.boxes.requests import (
    BOX,
    MAX_BODY_BYTES,
    MAX_SKEW_S,
    NONCE,
    RELEASE,
    RELEASE_HEADER,
    REQUEST,
    SIGNATURE,
    TIME,
    Signed,
    is_compatible,
    is_signed,
)

logger = logging.getLogger(__name__)

STATUSES: Final = {
    "unsigned": 401,
    "unknown": 401,
    "code": 401,
    "signature": 401,
    "revoked": 403,
    "clock": 403,
    "replay": 403,
    "camera": 403,
    "not-running": 409,
    "malformed": 400,
    "too-large": 413,
    "release": 426,
    "too-often": 429,
    "away": 503,
}
"""Everything a box can be refused for; docs/edge.md says what to do about each."""


class RefusalError(Exception):
    """A request of a box is not taken: a key of `STATUSES`, and a sentence for the box's log."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code, self.status = code, STATUSES[code]


def signed_box(request: HttpRequest) -> Box:
    """Return the box that signed a request; from here on the same request is refused as a replay.

    Raises:
        RefusalError: it is unsigned, unknown, revoked, of another release or time, wrongly signed, or came before.
    """
    given = {name: request.headers.get(name, "") for name in (BOX, TIME, NONCE, SIGNATURE)}
    if not all(given.values()):
        raise RefusalError("unsigned", "A box signs its requests; this one lacks a header.")
    box = Box.objects.filter(pk=int(given[BOX])).first() if given[BOX].isdecimal() and len(given[BOX]) < 19 else None
    if box is None:
        raise RefusalError("unknown", "No such box is enrolled here.")
    if box.revoked_at is not None:
        raise RefusalError("revoked", f"This box was revoked at {box.revoked_at:%Y-%m-%d %H:%M} UTC.")
    _check_release(request)
    box = _check_signature(box, request, given)
    _check_time(given[TIME])
    if len(given[NONCE]) > 32:
        raise RefusalError("malformed", f"A nonce has 32 hex digits, this one {len(given[NONCE])} characters.")
    try:
        with transaction.atomic():
            UsedNonce.objects.create(box=box, nonce=given[NONCE])
    except IntegrityError as error:
        raise RefusalError("replay", "This request was taken before.") from error
    return box


def _check_release(request: HttpRequest) -> None:
    release = request.headers.get(RELEASE_HEADER, "")
    if not is_compatible(release):
        text = f"This server has release {RELEASE}; boxes may be one minor release older or newer, not {release!r}."
        raise RefusalError("release", text)


def _check_signature(box: Box, request: HttpRequest, given: dict[str, str]) -> Box:
    if len(request.body) > MAX_BODY_BYTES:
        raise RefusalError("too-large", f"A request has at most {MAX_BODY_BYTES} bytes, got {len(request.body)}.")
    signed = Signed(request.method or "", request.get_full_path(), request.body, given[TIME], given[NONCE])
    if box.public_key and is_signed(box.public_key, REQUEST, signed.text, given[SIGNATURE]):
        return box
    if box.next_key and is_signed(box.next_key, REQUEST, signed.text, given[SIGNATURE]):
        _check_time(given[TIME])
        return box_key_promote(box=box)
    raise RefusalError("signature", "The signature is not that of this box over this request.")


def _check_time(given: str) -> None:
    now = timezone.now()
    try:
        skew_s = (datetime.fromisoformat(given) - now).total_seconds()
    except (ValueError, TypeError) as error:
        raise RefusalError("malformed", "The time must be ISO 8601 with an offset.") from error
    if abs(skew_s) > MAX_SKEW_S:
        text = f"The clock of the box is {skew_s:+.0f} s off; at most {MAX_SKEW_S:.0f} s are allowed."
        raise RefusalError("clock", text)


def placement_of(box: Box, camera_id: int, *, running: bool = False) -> Placement:
    """Return the place of a camera at a box; with `running` only while it is switched on and nobody stopped it.

    Raises:
        RefusalError: the camera is not at this box, or does not run.
    """
    found = Placement.objects.filter(box=box, camera=camera_id).select_related("camera").first()
    if found is None:
        raise RefusalError("camera", f"Camera {camera_id} is not at this box.")
    if running and not found.camera.is_enabled:
        raise RefusalError("not-running", f"Camera {camera_id} is stopped.")
    # a stop holds here whether or not the box has heard of it
    if running and (halts := halts_of([found.camera])):
        raise RefusalError("not-running", " ".join(halts[found.camera.pk]))
    return found


def told(request: HttpRequest) -> dict[str, Any]:
    """Return the JSON object that a request carries.

    Raises:
        RefusalError: it carries none.
    """
    try:
        content = json.loads(request.body or b"{}")
    except ValueError as error:
        raise RefusalError("malformed", "The body must be a JSON object.") from error
    if not isinstance(content, dict):
        raise RefusalError("malformed", f"The body must be a JSON object, got a {type(content).__name__}.")
    return content


P = ParamSpec("P")
BoxView = Callable[Concatenate[HttpRequest, Box, P], dict[str, Any]]


def answered(view: Callable[[HttpRequest], dict[str, Any]], request: HttpRequest) -> HttpResponse:
    """Return what a view says to a box as JSON; a refusal with its code, its reason and the server's time."""
    try:
        answer, status = view(request), 200
    except RefusalError as error:
        logger.warning("box %s: %s refused (%s): %s", request.headers.get(BOX, "?"), request.path, error.code, error)
        answer = {"refused": error.code, "text": str(error), "at": timezone.now().isoformat()}
        status = error.status
    return JsonResponse(answer, status=status, headers={"Cache-Control": "no-store"})


def for_boxes(method: str) -> Callable[[BoxView[P]], Callable[Concatenate[HttpRequest, P], HttpResponse]]:
    """Let only enrolled boxes reach a view, and give it the box."""

    def decorate(view: BoxView[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
        @csrf_exempt
        @login_not_required
        @require_http_methods([method])
        @wraps(view)
        def gate(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            return answered(lambda asked: view(asked, signed_box(asked), *args, **kwargs), request)

        return gate

    return decorate
