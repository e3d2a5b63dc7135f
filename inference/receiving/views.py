"""What camera boxes call. Every answer is JSON; every refusal says why (gate.py)."""

from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from cameras.boxes.models import Box
from cameras.boxes.services.enrolling import box_enrol, box_key_announce
from inference.core.boxes.requests import ENROLMENT, NEXT_KEY, RELEASE, RELEASE_HEADER, TIME, is_compatible, is_signed
from inference.receiving.gate import RefusalError, answered, for_boxes, placement_of, told
from inference.receiving.limits import is_too_often
from inference.receiving.services.attesting import answer_take, attestation_take
from inference.receiving.services.configuring import config_signed, server_key
from inference.receiving.services.events import event_take
from inference.receiving.services.frames import frame_take
from inference.receiving.services.reporting import report_take


@csrf_exempt
@login_not_required
@require_POST
def enrol(request: HttpRequest) -> HttpResponse:
    """Give a box its number for a code, once; the box proves that it holds the key it names."""
    return answered(_enrol, request)


def _enrol(request: HttpRequest) -> dict[str, Any]:
    if is_too_often(request):
        raise RefusalError("too-often", "Too many codes were tried from this address; wait an hour.")
    content = told(request)
    code, key, proof = (str(content.get(name, "")) for name in ("code", "key", "proof"))
    release = request.headers.get(RELEASE_HEADER, "")
    if code and not is_compatible(release):
        raise RefusalError("release", f"This server has release {RELEASE}; the box has {release!r}.")
    if len(key) != 64 or not is_signed(key, ENROLMENT, code, proof):
        raise RefusalError("signature", "The box does not prove that it holds the key it names.")
    box = box_enrol(code=code, public_key=key)
    if box is None:
        raise RefusalError("code", "This code is not (or no longer) good: make a new one on the box's page.")
    return {
        "box": box.pk,
        "name": box.name,
        "site": box.site.name,
        "enrolment": box.enrolment,
        "server_key": server_key(),
    }


@for_boxes("GET")
def config(request: HttpRequest, box: Box) -> dict[str, Any]:
    """Tell a box what to do."""
    return dict(config_signed(box))


@for_boxes("POST")
def report(request: HttpRequest, box: Box) -> dict[str, Any]:
    """Take how a box does; tell it who is watched, which configuration is the newest, what it is asked."""
    sent_at = datetime.fromisoformat(request.headers[TIME])
    release = request.headers.get(RELEASE_HEADER, "")
    return report_take(box=box, report=told(request), release=release, sent_at=sent_at)


@for_boxes("POST")
def event(request: HttpRequest, box: Box, camera: int) -> dict[str, Any]:
    """Take one state of one event of an edge camera."""
    placement = placement_of(box, camera)
    event_take(camera_id=placement.camera_id, given=told(request))
    return {"taken": True}


@for_boxes("POST")
def frame(request: HttpRequest, box: Box, camera: int) -> dict[str, Any]:
    """Take one masked frame; say whether more are wanted."""
    placement = placement_of(box, camera, running=True)
    return {"watched": frame_take(placement=placement, message=request.body)}


@for_boxes("POST")
def attest(request: HttpRequest, box: Box) -> dict[str, Any]:
    """Take what a box attests of one minute."""
    content = told(request)
    stored = attestation_take(box=box, text=str(content.get("text", "")), signature=str(content.get("signature", "")))
    return {"taken": stored.number}


@for_boxes("POST")
def answer(request: HttpRequest, box: Box) -> dict[str, Any]:
    """Take the answer to a challenge."""
    content = {name: str(value) for name, value in told(request).items()}
    nonce, text, signature = (content.get(name, "") for name in ("nonce", "text", "signature"))
    return {"taken": answer_take(box=box, nonce=nonce, text=text, signature=signature)}


@for_boxes("POST")
def next_key(request: HttpRequest, box: Box) -> dict[str, Any]:
    """Take note of a box's next key; it proves that it holds it, and becomes the key when first used."""
    content = told(request)
    key, proof = str(content.get("key", "")), str(content.get("proof", ""))
    if len(key) != 64 or not is_signed(key, NEXT_KEY, f"{box.pk}\n{box.public_key}", proof):
        raise RefusalError("signature", "The box does not prove that it holds its next key.")
    box_key_announce(box=box, next_key=key)
    return {"taken": True}
