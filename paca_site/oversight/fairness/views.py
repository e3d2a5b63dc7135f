"""The fairness page, and the form of a place's facts."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from cameras.access import visible_sites
from paca_site.accounts.access import role_required, signed_in
from paca_site.accounts.models import Role
from paca_site.audit.services import audit_record_now
from paca_site.oversight.deciding.process import LEAST_PEOPLE
from paca_site.oversight.fairness.access import READS, READS_DECISIONS, access_facts_site, facts_of
from paca_site.oversight.fairness.burden import RESIDENTS
from paca_site.oversight.fairness.forms import FactsForm, MonthForm
from paca_site.oversight.fairness.report import fairness_report
from paca_site.oversight.fairness.services import site_facts_store
from paca_site.oversight.fairness.subgroups import masking_by_subgroup
from paca_site.oversight.figures import HIDDEN_BELOW


@role_required(*READS)
@require_safe
def fairness_detail(request: HttpRequest) -> HttpResponse:
    """Show who is called about how often, and who was never tested for. Audit: `fairness.viewed`."""
    user = signed_in(request)
    sites = visible_sites(user)
    form = MonthForm(request.GET, sites=sites, now=timezone.now())
    context = {
        "sites": sites,
        "form": form,
        "masking": masking_by_subgroup(),
        "hidden_most": HIDDEN_BELOW - 1,
        "least_people": LEAST_PEOPLE,
        "residents_unit": RESIDENTS,
        "reads_decisions": user.has_role(*READS_DECISIONS),
        "may_change": user.has_role(Role.ADMINISTRATOR),
    }
    if sites and not form.is_valid():
        return render(request, "fairness/fairness_detail.html", context, status=422)
    if sites:
        site = next(site for site in sites if site.pk == form.cleaned_data["site"])
        details = {"month": form.cleaned_data["month"]}
        audit_record_now(
            action="fairness.viewed", actor=user, subject=f"site:{site.pk}", site_id=site.pk, details=details
        )
        facts = facts_of(site)
        context |= {"site": site, "facts": facts, "report": fairness_report(site, facts, form.start)}
    return render(request, "fairness/fairness_detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def facts_form(request: HttpRequest, pk: int) -> HttpResponse:
    """Say how large a site's place is."""
    user = signed_in(request)
    site = access_facts_site(user, pk)
    form = FactsForm(request.POST or None, instance=facts_of(site), label_suffix="")
    status = 200
    if request.method == "POST":
        # the form writes what was given into its own copy of the row; the service reads it anew and stores
        if form.is_valid():
            try:
                site_facts_store(site=site, actor=user, **form.cleaned_data)
            except ValidationError as error:
                form.add_error(None, error)
            else:
                messages.success(request, _("Stored for %(site)s.") % {"site": site})
                return redirect("fairness:fairness-detail")
        status = 422
    return render(request, "fairness/facts_form.html", {"site": site, "form": form}, status=status)
