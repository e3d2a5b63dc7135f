"""What watching a place brings and takes, month by month; and the same as a file."""

import logging
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from cameras.access import visible_sites
from cameras.models import Site
from paca_site.accounts.access import role_required, signed_in
from paca_site.accounts.models import Role, User
from paca_site.audit.services import audit_record_now
from paca_site.oversight.benefit.balance import MOST_HANDLING_S
from paca_site.oversight.benefit.download import balances_csv
from paca_site.oversight.benefit.energy import card_energy
from paca_site.oversight.benefit.forms import SiteForm
from paca_site.oversight.benefit.report import balances

logger = logging.getLogger(__name__)
READS = (Role.SUPERVISOR, Role.ADMINISTRATOR, Role.AUDITOR)


@role_required(*READS)
@require_safe
def benefit_detail(request: HttpRequest) -> HttpResponse:
    """Show the months of a site. Audit: `benefit.viewed`."""
    user = signed_in(request)
    sites = visible_sites(user)
    form = SiteForm(request.GET, sites=sites)
    context: dict[str, Any] = {"sites": sites, "form": form}
    if sites and not form.is_valid():
        return render(request, "benefit/benefit_detail.html", context, status=422)
    if sites:
        site = _chosen(form, sites)
        _record("benefit.viewed", user, site)
        months = balances(site, timezone.now())
        context |= {
            "site": site,
            "months": [(month, month.watt_hours(settings.CORE_WATTS)) for month in months],
            "card": card_energy(),
            "core_watts": settings.CORE_WATTS,
            "handling_minutes": round(MOST_HANDLING_S / 60),
        }
    return render(request, "benefit/benefit_detail.html", context)


@role_required(*READS)
@require_safe
def benefit_export(request: HttpRequest) -> HttpResponse:
    """Give the months of a site as CSV: counts and sums, nobody's. Audit: `benefit.exported`, before it is sent."""
    user = signed_in(request)
    sites = visible_sites(user)
    form = SiteForm(request.GET, sites=sites)
    if not form.is_valid():
        return render(request, "benefit/benefit_detail.html", {"sites": sites, "form": form}, status=422)
    site = _chosen(form, sites)
    months = balances(site, timezone.now())
    number = _record("benefit.exported", user, site, months=len(months))
    logger.info("benefit of site %s: exported, entry %d of the trail, %d months", site.pk, number, len(months))
    text = balances_csv(site, months, settings.CORE_WATTS)
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="paca-benefit-{site.slug}.csv"'
    response["Cache-Control"] = "no-store"
    return response


def _chosen(form: SiteForm, sites: list[Site]) -> Site:
    return next(site for site in sites if site.pk == form.cleaned_data["site"])


def _record(action: str, user: User, site: Site, **details: Any) -> int:
    entry = audit_record_now(action=action, actor=user, subject=f"site:{site.pk}", site_id=site.pk, details=details)
    return entry.number
