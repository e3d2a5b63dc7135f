"""The shift: begin it, see the handover sheet, end it with a signature, take over a colleague's."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from alerts.access import access_shift, current_shift, visible_shifts
from alerts.breaks import break_of
from alerts.forms import ShiftEndForm
from alerts.handover import handover_sheet
from alerts.services.shift_changing import break_begin, break_end, shift_accept, shift_end, shift_start
from cameras.access import SEES_FOOTAGE
from paca_site.accounts.access import role_required, signed_in
from paca_site.accounts.local_time import zone_of


@require_safe
@role_required(*SEES_FOOTAGE)
def shift_page(request: HttpRequest) -> HttpResponse:
    """Show one's shift with the sheet as it is now, and the last handovers."""
    user = signed_in(request)
    context = {
        "shift": current_shift(user),
        "break": break_of(user),
        "sheet": handover_sheet(user),
        "handovers": visible_shifts(user)[:20],
        "zone": zone_of(user),
    }
    return render(request, "alerts/shift.html", context)


@require_POST
@role_required(*SEES_FOOTAGE)
def shift_start_view(request: HttpRequest) -> HttpResponse:
    """Begin a shift."""
    try:
        shift_start(actor=signed_in(request))
        messages.success(request, gettext("Your shift has begun."))
    except ValidationError as error:
        messages.warning(request, " ".join(error.messages))
    return redirect("alerts:shift")


@require_POST
@role_required(*SEES_FOOTAGE)
def shift_end_view(request: HttpRequest) -> HttpResponse:
    """End one's shift with a signed sheet."""
    form = ShiftEndForm(request.POST)
    try:
        if not form.is_valid():
            raise ValidationError(gettext("The notes have at most 2000 characters."))
        shift = shift_end(actor=signed_in(request), notes=form.cleaned_data["notes"])
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("alerts:shift")
    messages.success(request, gettext("Signed. Whoever takes over signs it too."))
    return redirect("alerts:shift-detail", pk=shift.pk)


@require_POST
@role_required(*SEES_FOOTAGE)
def shift_break_view(request: HttpRequest) -> HttpResponse:
    """Begin a break, or come back from it."""
    user = signed_in(request)
    try:
        if request.POST.get("break") == "begin":
            break_begin(actor=user)
            messages.success(request, gettext("Your break has begun. What you worked on is back in the queue."))
        else:
            break_end(actor=user)
            messages.success(request, gettext("Welcome back."))
    except ValidationError as error:
        messages.warning(request, " ".join(error.messages))
    return redirect("alerts:shift")


@require_safe
def shift_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one handover sheet with its signatures."""
    user = signed_in(request)
    shift = access_shift(user, pk)
    return render(
        request, "alerts/shift_detail.html", {"shift": shift, "sheet": shift.sheet, "person": user, "zone": shift.zone}
    )


@require_POST
def shift_accept_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign a colleague's sheet."""
    user = signed_in(request)
    try:
        shift_accept(shift=access_shift(user, pk), actor=user)
        messages.success(request, gettext("Signed: you have taken over."))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("alerts:shift-detail", pk=pk)
