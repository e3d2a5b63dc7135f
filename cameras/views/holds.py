"""Legal holds: who is concerned reads them, supervisors and custodians place them, custodians lift them."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cameras.access import access_hold, visible_holds
from cameras.hold_forms import HoldForm
from cameras.holdings import hold_content
from cameras.services.holds import hold_lift, hold_place
from paca_site.accounts.access import role_required, signed_in
from paca_site.accounts.models import Role

PREFILLED = ("camera", "starts_at", "ends_at", "case")


@role_required(Role.SUPERVISOR, Role.ADMINISTRATOR, Role.CUSTODIAN, Role.AUDITOR)
@require_safe
def hold_list(request: HttpRequest) -> HttpResponse:
    """List the holds of the person's sites: current ones first, those to be reviewed on top."""
    user = signed_in(request)
    holds = visible_holds(user)
    current = sorted((hold for hold in holds if hold.is_current), key=lambda hold: hold.review_on)
    context = {
        "current": current,
        "ended": [hold for hold in holds if not hold.is_current],
        "may_place": user.has_role(Role.SUPERVISOR, Role.CUSTODIAN),
    }
    return render(request, "cameras/hold_list.html", context)


@role_required(Role.SUPERVISOR, Role.CUSTODIAN)
@require_http_methods(["GET", "HEAD", "POST"])
def hold_add(request: HttpRequest) -> HttpResponse:
    """Place a hold; an address may fill in camera, times and case."""
    user = signed_in(request)
    initial = {name: request.GET[name] for name in PREFILLED if name in request.GET}
    form = HoldForm(request.POST or None, user=user, initial=initial)
    if form.is_valid():
        hold = hold_place(hold=form.save(commit=False), actor=user)
        messages.success(
            request, gettext("Held for {case}. Nothing of it is deleted until the hold ends.").format(case=hold.case)
        )
        return redirect("cameras:hold-detail", hold.pk)
    return render(request, "cameras/hold_form.html", {"form": form}, status=422 if form.errors else 200)


@require_safe
def hold_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one hold, and what of it is there."""
    user = signed_in(request)
    hold = access_hold(user, pk)
    context = {"hold": hold, "content": hold_content(hold), "may_lift": user.has_role(Role.CUSTODIAN)}
    return render(request, "cameras/hold_detail.html", context)


@require_POST
def hold_end(request: HttpRequest, pk: int) -> HttpResponse:
    """Lift a hold, with a reason: custodians."""
    user = signed_in(request)
    hold = access_hold(user, pk, write=True)
    try:
        hold_lift(hold=hold, actor=user, reason=request.POST.get("reason", ""))
    except ValidationError as error:
        hold.refresh_from_db()
        context = {
            "hold": hold,
            "content": hold_content(hold),
            "may_lift": True,
            "errors": error.messages,
            "given": request.POST.get("reason", ""),
        }
        return render(request, "cameras/hold_detail.html", context, status=422)
    messages.success(request, gettext("Lifted. What is past its ceiling goes with the next purge, within the hour."))
    return redirect("cameras:hold-list")
