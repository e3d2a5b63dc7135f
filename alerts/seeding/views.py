"""Planning test alerts, and what they measured: for supervisors in sum, for each person about themselves."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from alerts.seeding import access
from alerts.seeding.models import MOST_PER_SHIFT
from alerts.seeding.services.placing import seed_place
from alerts.seeding.services.planning import known_clip_add, known_clip_remove, plan_set
from alerts.seeding.vigilance import vigilance_of
from cameras.access import SEES_FOOTAGE
from cameras.models import Site
from paca_site.accounts.access import role_required, signed_in
from paca_site.accounts.models import Role


def _site_context(site: Site) -> dict[str, Any]:
    return {
        "site": site,
        "plan": access.plan_of(site),
        "clips": access.known_clips(site),
        "candidates": access.candidates(site),
        "vigilance": vigilance_of(access.site_seeds(site)),
    }


@require_safe
@role_required(Role.SUPERVISOR)
def seeding_page(request: HttpRequest) -> HttpResponse:
    """Show plan, clips and results of each site."""
    parts = [_site_context(site) for site in access.seeding_sites(signed_in(request))]
    return render(request, "seeding/seeding.html", {"parts": parts, "choices": range(MOST_PER_SHIFT + 1)})


@require_safe
@role_required(*SEES_FOOTAGE)
def own_page(request: HttpRequest) -> HttpResponse:
    """Show a person what test alerts measured about themselves; nobody else sees it by name."""
    seeds = access.own_seeds(signed_in(request))
    return render(request, "seeding/own.html", {"vigilance": vigilance_of(seeds), "seeds": seeds[:20]})


@require_POST
def plan_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Say how many test alerts a shift gets."""
    user = signed_in(request)
    site = access.access_seeding_site(user, pk)
    given = request.POST.get("per_shift", "")
    try:
        if not given.isdecimal() or len(given) > 3:
            raise ValidationError(
                gettext("A shift gets 0 to {most_per_shift} test alerts; got “{given}”.").format(
                    most_per_shift=MOST_PER_SHIFT, given=given[:20]
                )
            )
        plan_set(site=site, actor=user, per_shift=int(given))
        messages.success(request, gettext("Stored for {site}.").format(site=site))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("seeding:seeding")


@require_POST
def clip_add_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose an alert's clip, and say what it is known to show."""
    user = signed_in(request)
    alert = access.access_candidate(user, pk)
    known = request.POST.get("known", "")
    try:
        if known not in {"positive", "negative"}:
            raise ValidationError(gettext("Say whether somebody had to act (positive) or not (negative)."))
        known_clip_add(alert=alert, actor=user, is_positive=known == "positive")
        messages.success(
            request, gettext("The clip of alert {pk} is chosen: known {known}.").format(pk=alert.pk, known=known)
        )
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("seeding:seeding")


@require_POST
def clip_remove_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose a clip no longer."""
    user = signed_in(request)
    known_clip_remove(clip=access.access_known_clip(user, pk), actor=user)
    messages.success(request, gettext("Removed. Its alert stays as it is."))
    return redirect("seeding:seeding")


@require_POST
def clip_place_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Place one test alert of a clip now."""
    user = signed_in(request)
    try:
        seed_place(clip=access.access_known_clip(user, pk), actor=user)
        messages.success(request, gettext("Placed. It stands in the queue like any other, for 30 minutes at most."))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("seeding:seeding")
