"""The page of a camera's modality: what each change would destroy and keep, asking for one, taking it back."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from alerts.modality.changing import change_ask, change_give_up, changes_of, effects_of
from cameras.access import access_camera
from cameras.modality.models import COOL_OFF, REASON_MIN
from cameras.models import Camera, Modality
from paca_site.accounts.access import signed_in
from paca_site.accounts.proof import ask_for_proof, has_fresh_proof


@require_safe
def modality_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what each other modality would destroy and keep, and how an open change stands."""
    camera = access_camera(signed_in(request), pk, write=True)
    return _page(request, camera)


@require_POST
def modality_ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for a change, after proving again who one is; nothing is destroyed for five minutes."""
    user = signed_in(request)
    camera = access_camera(user, pk, write=True)
    if not has_fresh_proof(request, user):
        return ask_for_proof(user, reverse("modality:modality", args=[camera.pk]))
    after, name = request.POST.get("after", ""), request.POST.get("name", "").strip()
    try:
        if after not in Modality.values:
            raise ValidationError(gettext("Choose the modality that comes."))
        if name != camera.name:
            raise ValidationError(
                gettext("Type the camera's name as it stands above, “{name}”; you gave “{given}”.").format(
                    name=camera.name, given=name
                )
            )
        change_ask(camera=camera, after=Modality(after), actor=user, reason=request.POST.get("reason", ""))
    except ValidationError as error:
        return _page(request, camera, {"errors": error.messages}, status=422)
    messages.warning(request, gettext("{name} is stopped. Its modality changes in a few minutes.").format(name=name))
    return redirect("modality:modality", pk=camera.pk)


@require_POST
def modality_give_up(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a change back of which nothing was destroyed yet."""
    user = signed_in(request)
    camera = access_camera(user, pk, write=True)
    change = next((change for change in changes_of(camera) if change.ended_at is None), None)
    try:
        if change is None:
            raise ValidationError(gettext("No change of this camera's modality is open."))
        change_give_up(change=change, actor=user)
    except ValidationError as error:
        return _page(request, camera, {"errors": error.messages}, status=422)
    messages.success(request, gettext("Given up. Nothing was destroyed, and the camera may run again."))
    return redirect("modality:modality", pk=camera.pk)


def _page(
    request: HttpRequest, camera: Camera, failed: dict[str, object] | None = None, status: int = 200
) -> HttpResponse:
    changes = changes_of(camera)
    current = next((change for change in changes if change.ended_at is None), None)
    others = [modality for modality in Modality if modality != camera.modality]
    context = {
        "camera": camera,
        "choices": [] if current else [effects_of(camera, Modality(modality)) for modality in others],
        "current": current,
        "begins_at": current.asked_at + COOL_OFF if current else None,
        "past": [change for change in changes if change.ended_at],
        "cool_off_min": int(COOL_OFF.total_seconds() // 60),
        "reason_min": REASON_MIN,
        "given": request.POST,
        **(failed or {}),
    }
    return render(request, "modality/modality.html", context, status=status)
