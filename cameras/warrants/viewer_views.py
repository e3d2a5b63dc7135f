"""The viewer of a release: unlock it with the code, ask for some seconds, watch them; and its early end."""

import logging
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from cameras.exporting.services.exporting import may_export
from cameras.warrants.access import access_release, access_released, access_viewing
from cameras.warrants.cookie import COOKIE
from cameras.warrants.models import FootageRelease, Viewing
from cameras.warrants.services.opening import release_end
from cameras.warrants.services.viewing import STRETCH, release_unlock, release_watch, viewing_video
from cameras.warrants.vault_door import VaultRefused
from cameras.warrants.viewer_forms import WatchForm
from paca_site.accounts.access import signed_in

logger = logging.getLogger(__name__)


@never_cache
@require_safe
def release_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the viewer what they may watch, and what they asked for last."""
    release = access_released(signed_in(request), pk)
    shown = request.GET.get("viewing", "")
    viewing = access_viewing(release, int(shown)) if shown.isdecimal() and len(shown) < 16 else None
    return _page(request, release, viewing=viewing)


@sensitive_post_parameters("code")
@never_cache
@require_POST
def release_open_up(request: HttpRequest, pk: int) -> HttpResponse:
    """Check the code; the browser keeps it until it is closed or the release ends."""
    user = signed_in(request)
    release = access_released(user, pk)
    code = request.POST.get("code", "")[:100]
    try:
        release_unlock(release=release, actor=user, code=code)
    except ValidationError as error:
        return _page(request, release, errors=error.messages)
    response = redirect("warrants:release-view", pk)
    response.set_cookie(
        COOKIE,
        "".join(code.split()).upper(),
        path=reverse("warrants:release-detail", args=[pk]),
        secure=request.is_secure(),
        httponly=True,
        samesite="Strict",
    )
    return response


@never_cache
@require_POST
def release_ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Write down which seconds the viewer watches, and lead to them."""
    user = signed_in(request)
    release = access_released(user, pk)
    form = WatchForm(request.POST, release=release)
    if not form.is_valid():
        return _page(request, release, form=form, errors=[""])
    try:
        viewing = release_watch(
            release=release, actor=user, part_pk=int(form.cleaned_data["part"]), from_at=form.from_moment()
        )
    except ValidationError as error:
        return _page(request, release, form=form, errors=error.messages)
    return redirect(f"{reverse('warrants:release-view', args=[pk])}?viewing={viewing.pk}")


@never_cache
@require_safe
def viewing_show(request: HttpRequest, pk: int, viewing: int) -> HttpResponse:
    """Give the video of what was asked for, made now, in memory."""
    user = signed_in(request)
    release = access_released(user, pk)
    found = access_viewing(release, viewing)
    try:
        video = viewing_video(release=release, viewing=found, actor=user, code=request.COOKIES.get(COOKIE, ""))
    except (ValidationError, VaultRefused) as error:
        why = " ".join(error.messages) if isinstance(error, ValidationError) else str(error)
        logger.warning("release %s: viewing %s was not shown: %s", release.pk, found.pk, why)
        return HttpResponse(why, status=409, content_type="text/plain; charset=utf-8")
    return HttpResponse(video, content_type="video/mp4")


@require_POST
def release_finish(request: HttpRequest, pk: int) -> HttpResponse:
    """End an open release before its time: a custodian or who requested it."""
    user = signed_in(request)
    release = access_release(user, pk, end=True)
    try:
        release_end(release=release, actor=user, reason=request.POST.get("reason", ""))
    except ValidationError as error:
        for message in error.messages:
            messages.error(request, message)
    else:
        messages.success(request, gettext("Ended. Its keys were destroyed."))
    return redirect("warrants:release-detail", pk)


def _page(
    request: HttpRequest,
    release: FootageRelease,
    *,
    viewing: Viewing | None = None,
    form: WatchForm | None = None,
    errors: list[str] | None = None,
) -> HttpResponse:
    initial: dict[str, Any] = {}
    if viewing is not None:
        initial = {"part": viewing.part_id, "from_at": viewing.until_at}
    context = {
        "release": release,
        "viewing": viewing,
        "has_code": COOKIE in request.COOKIES,
        "form": form or WatchForm(release=release, initial=initial),
        "errors": [error for error in errors or [] if error],
        "may_export": may_export(release),
        "stretch_s": round(STRETCH.total_seconds()),
    }
    return render(request, "warrants/release_view.html", context, status=200 if errors is None else 422)
