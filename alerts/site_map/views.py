"""The map, its live part, and the plan below it."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from alerts.site_map.access import SEES_MAP, access_map_site, map_alerts, map_sites, plan_of
from alerts.site_map.drawing import site_map
from alerts.site_map.forms import PlanPictureForm, PlanPlaceForm
from alerts.site_map.services import plan_place, plan_remove, plan_store
from cameras.access import visible_cameras
from cameras.models import Site
from paca_site.accounts.access import role_required, signed_in
from paca_site.accounts.models import Role, User


def _map_context(user: User, site: Site) -> dict[str, Any]:
    alerts, total = map_alerts(user, site)
    cameras = [camera for camera in visible_cameras(user) if camera.site_id == site.pk]
    drawn = site_map(site, cameras, alerts, plan_of(site))
    return {
        "site": site,
        "map": drawn,
        "cameras": sorted(drawn.marks, key=lambda mark: mark.camera.name),
        "alerts": list(enumerate(alerts, 1)),
        "total_alerts": total,
        "sees_alerts": not user.has_role(Role.ADMINISTRATOR),
    }


@require_safe
@role_required(*SEES_MAP)
def first_map(request: HttpRequest) -> HttpResponse:
    """Show the map of the person's first site, or that there is none."""
    sites = map_sites(signed_in(request))
    if sites:
        return redirect("site_map:map", pk=sites[0].pk)
    return render(request, "site_map/map_none.html")


@require_safe
def map_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the map of a site."""
    user = signed_in(request)
    site = access_map_site(user, pk)
    context = {"sites": map_sites(user), "may_change": user.has_role(Role.ADMINISTRATOR), **_map_context(user, site)}
    return render(request, "site_map/map.html", context)


@require_safe
def map_live(request: HttpRequest, pk: int) -> HttpResponse:
    """Return the part of the map that changes: marks and lists."""
    user = signed_in(request)
    response = render(request, "site_map/_live.html", _map_context(user, access_map_site(user, pk)))
    response["Cache-Control"] = "no-store"
    return response


@require_safe
def plan_picture(request: HttpRequest, pk: int) -> HttpResponse:
    """Return the picture of a site's plan."""
    plan = plan_of(access_map_site(signed_in(request), pk), with_picture=True)
    if plan is None:
        raise Http404("This site has no plan.")
    etag = f'"{plan.digest}"'
    is_known = request.headers.get("If-None-Match") == etag
    response = HttpResponseNotModified() if is_known else HttpResponse(bytes(plan.picture), content_type="image/webp")
    response["ETag"], response["Cache-Control"] = etag, "private, no-cache"
    return response


def _plan_page(request: HttpRequest, site: Site, status: int = 200, **forms: Any) -> HttpResponse:
    plan = plan_of(site)
    cameras = [camera for camera in visible_cameras(signed_in(request)) if camera.site_id == site.pk]
    context = {
        "site": site,
        "plan": plan,
        "cameras": cameras,
        "picture_form": PlanPictureForm(label_suffix=""),
        "place_form": PlanPlaceForm(plan=plan) if plan else None,
        **forms,
    }
    return render(request, "site_map/plan.html", context, status=status)


@require_safe
def plan_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the plan of a site and the forms that change it: administrators."""
    return _plan_page(request, access_map_site(signed_in(request), pk, write=True))


@require_POST
def plan_store_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep an uploaded picture as the site's plan."""
    user = signed_in(request)
    site = access_map_site(user, pk, write=True)
    form = PlanPictureForm(request.POST, request.FILES, label_suffix="")
    if not form.is_valid():
        return _plan_page(request, site, 422, picture_form=form)
    plan = plan_store(site=site, actor=user, picture=form.cleaned_data["picture"])
    if plan.is_placed:
        messages.success(request, gettext("Stored. It lies where the plan before did."))
        return redirect("site_map:map", pk=pk)
    messages.success(request, gettext("Stored. Now say where it lies; until then the map shows a grid."))
    return redirect("site_map:plan", pk=pk)


@require_POST
def plan_place_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Lay the plan on the map."""
    user = signed_in(request)
    site = access_map_site(user, pk, write=True)
    plan = plan_of(site)
    if plan is None:
        messages.error(request, gettext("There is no plan to place any more: upload one first."))
        return redirect("site_map:plan", pk=pk)
    form = PlanPlaceForm(request.POST, plan=plan)
    try:
        if form.is_valid():
            plan_place(plan=plan, actor=user, placement=form.found())
            messages.success(request, gettext("Placed. Check that the cameras stand where they should."))
            return redirect("site_map:map", pk=pk)
    except ValidationError as error:
        form.add_error(None, error.messages)
    return _plan_page(request, site, 422, place_form=form)


@require_POST
def plan_remove_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete the plan of a site."""
    user = signed_in(request)
    if plan_remove(site=access_map_site(user, pk, write=True), actor=user):
        messages.success(request, gettext("Removed. The map shows a grid."))
    return redirect("site_map:plan", pk=pk)
