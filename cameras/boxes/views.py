"""Boxes: the list, one of them, a new one, its code, its cameras, its end; and the auditor's challenge."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cameras.access import SEES_CONFIGURATION
from cameras.boxes.access import access_box, attestations_of, visible_boxes
from cameras.boxes.forms import BoxForm, CamerasForm
from cameras.boxes.models import Box
from cameras.boxes.services.challenging import ANSWERED_WITHIN, challenge_place
from cameras.boxes.services.enrolling import (
    CODE_LIFE,
    box_change_cameras,
    box_code_make,
    box_create,
    box_revoke,
)
from paca_site.accounts.access import role_required, signed_in
from paca_site.accounts.models import Role

RECORDS_SHOWN, CHALLENGES_SHOWN = 60, 10


@role_required(*SEES_CONFIGURATION)
@require_safe
def box_list(request: HttpRequest) -> HttpResponse:
    """Show the boxes of the person's sites and how they do."""
    user = signed_in(request)
    context = {"boxes": visible_boxes(user), "may_write": user.has_role(Role.ADMINISTRATOR)}
    return render(request, "boxes/box_list.html", context)


@role_required(Role.ADMINISTRATOR)
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def box_add(request: HttpRequest) -> HttpResponse:
    """Make a box; its code is shown on the answer, this once."""
    user = signed_in(request)
    form = BoxForm(request.POST if request.method == "POST" else None, user=user)
    if form.is_valid():
        box = form.box()
        try:
            code = box_create(box=box, cameras=list(form.cleaned_data["cameras"]), actor=user)
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            return _code(request, box, code)
    return render(request, "boxes/box_form.html", {"form": form}, status=422 if form.errors else 200)


def _code(request: HttpRequest, box: Box, code: str) -> HttpResponse:
    """Show a code. It stands on no address: going back or reloading does not show it again."""
    context = {
        "box": box,
        "code": code,
        "minutes": int(CODE_LIFE.total_seconds() // 60),
        "server": request.build_absolute_uri("/").rstrip("/"),
    }
    return render(request, "boxes/box_code.html", context)


@require_safe
def box_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one box: how it does, its cameras, its keys, what it attested, what it was asked."""
    user = signed_in(request)
    return _detail(request, access_box(user, pk))


def _detail(
    request: HttpRequest, box: Box, errors: dict[str, Any] | None = None, form: CamerasForm | None = None
) -> HttpResponse:
    user = signed_in(request)
    may_write = user.has_role(Role.ADMINISTRATOR)
    placements = list(box.placements.select_related("camera__site", "line"))
    if form is None:
        form = CamerasForm(user=user, box=box, initial={"cameras": [placed.camera_id for placed in placements]})
    only_faults = request.GET.get("records") == "faults"
    pages = Paginator(attestations_of(box, only_faults=only_faults), RECORDS_SHOWN)
    context = {
        "box": box,
        "placements": placements,
        "may_write": may_write,
        "may_challenge": user.has_role(Role.AUDITOR) and bool(box.public_key),
        "form": form if may_write else None,
        "records": pages.get_page(request.GET.get("page")),
        "only_faults": only_faults,
        "fault_count": attestations_of(box, only_faults=True).count(),
        "challenges": box.challenges.select_related("asked_by")[:CHALLENGES_SHOWN],
        "unanswered_since": timezone.now() - ANSWERED_WITHIN,
        **(errors or {}),
    }
    return render(request, "boxes/box_detail.html", context, status=422 if errors or form.errors else 200)


@require_POST
@never_cache
def box_code(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a new code and show it, this once."""
    user = signed_in(request)
    box = access_box(user, pk, write=True)
    return _code(request, box, box_code_make(box=box, actor=user))


@require_POST
def box_cameras(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a box run these cameras and no others."""
    user = signed_in(request)
    box = access_box(user, pk, write=True)
    form = CamerasForm(request.POST, user=user, box=box)
    if form.is_valid():
        try:
            box_change_cameras(box=box, cameras=list(form.cleaned_data["cameras"]), actor=user)
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            messages.success(request, gettext("{name} is told within a second or two.").format(name=box.name))
            return redirect("boxes:box-detail", pk=box.pk)
    return _detail(request, box, form=form)


@require_POST
def box_end(request: HttpRequest, pk: int) -> HttpResponse:
    """Revoke a box."""
    user = signed_in(request)
    box = access_box(user, pk, write=True)
    reason = request.POST.get("reason", "")
    try:
        box_revoke(box=box, actor=user, reason=reason)
    except ValidationError as error:
        return _detail(request, box, {"revoke_errors": error.messages, "given": reason})
    messages.success(request, gettext("{name} is revoked: nothing it sends is taken.").format(name=box.name))
    return redirect("boxes:box-detail", pk=box.pk)


@require_POST
def box_challenge(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask a box for a signed answer: auditors."""
    user = signed_in(request)
    box = access_box(user, pk, challenge=True)
    try:
        challenge_place(box=box, actor=user)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, gettext("Asked. The answer comes within seconds: reload the page."))
    return redirect("boxes:box-detail", pk=box.pk)
