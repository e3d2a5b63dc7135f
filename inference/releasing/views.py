"""Model releases: which there are and where they run, one of them, approving it, and changing what a site runs."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from cameras.access import SEES_CONFIGURATION, visible_sites
from inference.releasing.access import access_release, access_site_of_release
from inference.releasing.models import Kind, ModelRelease
from inference.releasing.places import CARDS, places, registered_releases, shipped_networks
from inference.releasing.services.activating import release_activate, release_approve
from paca_site.accounts.access import role_required, signed_in
from paca_site.accounts.models import Role, User


@role_required(*SEES_CONFIGURATION)
@require_safe
def release_list(request: HttpRequest) -> HttpResponse:
    """Show what ships, what is registered, and what each site of the person runs."""
    return _list(request, signed_in(request))


@role_required(Role.ADMINISTRATOR)
@require_POST
def release_switch(request: HttpRequest) -> HttpResponse:
    """Let a site run another release, or what ships."""
    user = signed_in(request)
    given, kind = request.POST.get("release", ""), request.POST.get("kind", "")
    try:
        site = access_site_of_release(user, request.POST.get("site", ""))
        if site is None or kind not in Kind.values:
            raise ValidationError(gettext("Choose a site of yours, and what to change there."))
        release = access_release(user, int(given)) if given.isdecimal() and len(given) < 10 else None
        if release is None and given != "shipped":
            raise ValidationError(gettext("Choose a release, or what ships with PACA."))
        release_activate(site=site, kind=Kind(kind), release=release, actor=user, reason=request.POST.get("reason", ""))
    except ValidationError as error:
        return _list(request, user, error.messages)
    messages.success(
        request,
        gettext("{name} runs {release_or_what_ships} from its next turn on, within seconds.").format(
            name=site.name, release_or_what_ships=release or "what ships"
        ),
    )
    return redirect("releasing:release-list")


@require_safe
def release_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one release: what is known and measured of it, who approved it, and where it runs."""
    user = signed_in(request)
    return _detail(request, user, access_release(user, pk))


@require_POST
def release_allow(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve a release for a site of the supervisor."""
    user = signed_in(request)
    release = access_release(user, pk, approve=True)
    try:
        site = access_site_of_release(user, request.POST.get("site", ""))
        if site is None:
            raise ValidationError(gettext("Choose a site of yours."))
        release_approve(release=release, site=site, actor=user, reason=request.POST.get("reason", ""))
    except ValidationError as error:
        return _detail(request, user, release, error.messages)
    messages.success(
        request, gettext("Approved for {name}. An administrator can activate it now.").format(name=site.name)
    )
    return redirect("releasing:release-detail", pk)


def _list(request: HttpRequest, user: User, errors: list[str] | None = None) -> HttpResponse:
    context = {
        "shipped": shipped_networks(),
        "releases": registered_releases(),
        "places": places(visible_sites(user)),
        "may_activate": user.role == Role.ADMINISTRATOR,
        "errors": errors or [],
    }
    return render(request, "releasing/release_list.html", context, status=422 if errors else 200)


def _detail(request: HttpRequest, user: User, release: ModelRelease, errors: list[str] | None = None) -> HttpResponse:
    sites = visible_sites(user)
    approvals = release.approvals.filter(site__in=sites).select_related("site", "assessment", "approved_by")
    done = {approval.site_id for approval in approvals}
    context = {
        "release": release,
        "card": CARDS[Kind(release.kind)],
        "evaluations": [(run, sorted(run.figures.items())) for run in release.evaluations.all()],
        "approvals": approvals,
        "running_at": [place.site for place in places(sites) if place.active == release],
        "open_sites": [site for site in sites if site.pk not in done] if user.role == Role.SUPERVISOR else [],
        "may_approve": user.role == Role.SUPERVISOR,
        "given_reason": request.POST.get("reason", ""),
        "errors": errors or [],
    }
    return render(request, "releasing/release_detail.html", context, status=422 if errors else 200)
