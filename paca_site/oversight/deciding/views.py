"""How decisions are made: for supervisors and auditors about a site, for each person about themselves."""

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from alerts.life import DESK_ROLES
from cameras.access import visible_sites
from paca_site.accounts.access import role_required, signed_in
from paca_site.accounts.models import Role
from paca_site.audit.services import audit_record_now
from paca_site.oversight.deciding.forms import ProcessForm, SpanForm
from paca_site.oversight.deciding.process import LEAST_PEOPLE, own_process, site_process
from paca_site.oversight.deciding.signs import MOST_QUICK, MOST_UNWATCHED

LIMITS: Final = {"most_quick": MOST_QUICK, "most_unwatched": MOST_UNWATCHED, "least_people": LEAST_PEOPLE}


@role_required(Role.SUPERVISOR, Role.AUDITOR)
@require_safe
def process_detail(request: HttpRequest) -> HttpResponse:
    """Show how decisions are made at a site, all people together. Audit: `deciding.viewed`."""
    user = signed_in(request)
    sites = visible_sites(user)
    form = ProcessForm(request.GET, sites=sites)
    if not sites:
        return render(request, "deciding/process_detail.html", {"sites": []})
    if not form.is_valid():
        return render(request, "deciding/process_detail.html", {"sites": sites, "form": form}, status=422)
    site = next(site for site in sites if site.pk == form.cleaned_data["site"])
    days = form.cleaned_data["days"]
    audit_record_now(
        action="deciding.viewed", actor=user, subject=f"site:{site.pk}", site_id=site.pk, details={"days": days}
    )
    context = {"sites": sites, "form": form, "site": site, "process": site_process(site, days), **LIMITS}
    return render(request, "deciding/process_detail.html", context)


@role_required(*DESK_ROLES)
@require_safe
def own_detail(request: HttpRequest) -> HttpResponse:
    """Show a person what their own decisions show. Nobody else sees it, so nobody's looking is recorded."""
    form = SpanForm(request.GET)
    if not form.is_valid():
        return render(request, "deciding/own_detail.html", {"form": form}, status=422)
    process = own_process(signed_in(request), form.cleaned_data["days"])
    return render(request, "deciding/own_detail.html", {"form": form, "process": process, **LIMITS})
