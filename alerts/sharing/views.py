"""The load of people on shift, giving incidents to somebody, and the answers."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from alerts.breaks import break_of
from alerts.sharing.access import access_share, access_shareable
from alerts.sharing.callers import DAYS, LEAST_ALERTS, LEAST_DECIDED, site_callers
from alerts.sharing.current import own_shares
from alerts.sharing.load import MANAGEABLE_PER_HOUR, site_loads
from alerts.sharing.services import share_accept, share_decline, share_offer, share_withdraw
from cameras.access import SEES_FOOTAGE, visible_sites
from paca_site.accounts.access import role_required, signed_in
from paca_site.accounts.models import Role


@require_safe
@role_required(Role.SUPERVISOR)
def load_page(request: HttpRequest) -> HttpResponse:
    """Show who on shift has how much, site by site, and what can be given to somebody."""
    loads = site_loads(list(visible_sites(signed_in(request))))
    return render(request, "sharing/load.html", {"loads": loads, "manageable": MANAGEABLE_PER_HOUR})


@require_safe
@role_required(Role.SUPERVISOR)
def callers_page(request: HttpRequest) -> HttpResponse:
    """Show which cameras called most in the last days, and which of them for little."""
    context = {
        "weeks": site_callers(list(visible_sites(signed_in(request)))),
        "days": DAYS,
        "least_alerts": LEAST_ALERTS,
        "least_decided": LEAST_DECIDED,
    }
    return render(request, "sharing/callers.html", context)


@require_safe
@role_required(*SEES_FOOTAGE)
def own_part(request: HttpRequest) -> HttpResponse:
    """Return the desk's part about what is offered to the person."""
    user = signed_in(request)
    response = render(request, "sharing/_own.html", {"shares": own_shares(user), "break": break_of(user)})
    response["Cache-Control"] = "no-store"
    return response


@require_POST
def offer_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Offer or assign an incident."""
    user = signed_in(request)
    incident = access_shareable(user, pk)
    to = request.POST.get("to", "")
    is_assigned = request.POST.get("how") == "assign"
    try:
        if not to.isdecimal() or len(to) > 18:
            raise ValidationError(gettext("Choose somebody who has begun a shift at this site."))
        share = share_offer(incident=incident, actor=user, to_id=int(to), is_assigned=is_assigned)
        messages.success(
            request,
            (gettext("Assigned to {to}.") if is_assigned else gettext("Offered to {to}.")).format(to=share.to),
        )
    except ValidationError as error:
        messages.warning(request, " ".join(error.messages))
    return redirect("sharing:load")


@require_POST
def withdraw_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back what was offered or given."""
    user = signed_in(request)
    try:
        share_withdraw(share=access_share(user, pk, withdraw=True), actor=user)
        messages.success(request, gettext("Taken back: the incident is nobody's again."))
    except ValidationError as error:
        messages.warning(request, " ".join(error.messages))
    return redirect("sharing:load")


@require_POST
def answer_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Accept what is offered, which opens the incident, or decline it."""
    user = signed_in(request)
    share = access_share(user, pk)
    try:
        if request.POST.get("answer") == "accept":
            share_accept(share=share, actor=user)
            messages.success(
                request, gettext("It is yours now. Its alerts are below; colleagues see that you have it.")
            )
            return redirect("alerts:incident-detail", pk=share.incident_id)
        share_decline(share=share, actor=user)
        messages.success(request, gettext("Given back. The supervisor sees that."))
    except ValidationError as error:
        messages.warning(request, " ".join(error.messages))
    return redirect("alerts:queue")
