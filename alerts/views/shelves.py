"""What is put aside: the list, shelving one alert, maintenance windows, and bringing back."""

from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from alerts.access import access_alert, access_shelf, visible_shelves
from alerts.desk import next_alert
from alerts.forms import MaintenanceForm, ShelveForm
from alerts.services.shelving import alert_shelve, maintenance_plan, shelf_end
from cameras.access import SEES_FOOTAGE, access_camera, visible_cameras
from paca_site.accounts.access import role_required, signed_in
from paca_site.accounts.models import Role


@require_safe
@role_required(*SEES_FOOTAGE)
def shelf_list(request: HttpRequest) -> HttpResponse:
    """List what is shelved and which maintenance is planned, what returns first on top."""
    return _list(request, MaintenanceForm())


@require_POST
def alert_shelve_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Put an alert aside and go on with the next one."""
    user = signed_in(request)
    alert = access_alert(user, pk)
    form = ShelveForm(request.POST)
    try:
        if not form.is_valid():
            raise ValidationError([error for errors in form.errors.values() for error in errors])
        data = form.cleaned_data
        shelf = alert_shelve(alert=alert, actor=user, minutes=data["minutes"], reason=data["reason"])
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("alerts:alert-detail", pk=pk)
    until = shelf.until.astimezone(ZoneInfo(alert.camera.site.time_zone))
    messages.success(request, gettext("Shelved until {until:%H:%M}. It returns by itself.").format(until=until))
    following = next_alert(user, alert)
    return redirect("alerts:alert-detail", pk=following.pk) if following else redirect("alerts:queue")


@require_POST
@role_required(Role.SUPERVISOR)
def maintenance_plan_view(request: HttpRequest) -> HttpResponse:
    """Plan or begin a maintenance window of a camera; refusals keep what was written."""
    user = signed_in(request)
    form = MaintenanceForm(request.POST)
    if not form.is_valid():
        return _list(request, form, status=422)
    data = form.cleaned_data
    camera = access_camera(user, data["camera"], footage=True)
    starts_at = data["starts_at"].replace(tzinfo=ZoneInfo(camera.site.time_zone)) if data["starts_at"] else None
    try:
        maintenance_plan(camera=camera, actor=user, starts_at=starts_at, minutes=data["minutes"], reason=data["reason"])
    except ValidationError as error:
        form.add_error(None, error.messages)
        return _list(request, form, status=422)
    messages.success(request, gettext("Maintenance of {name} is planned.").format(name=camera.name))
    return redirect("alerts:shelf-list")


@require_POST
def shelf_end_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Bring back before the time what is on a shelf."""
    user = signed_in(request)
    shelf = access_shelf(user, pk)
    if shelf_end(shelf=shelf, actor=user):
        messages.success(request, gettext("Brought back."))
    return redirect("alerts:shelf-list")


def _list(request: HttpRequest, form: MaintenanceForm, status: int = 200) -> HttpResponse:
    user = signed_in(request)
    may_plan = user.has_role(Role.SUPERVISOR)
    context = {
        "shelves": visible_shelves(user),
        "form": form,
        "may_plan": may_plan,
        "cameras": visible_cameras(user) if may_plan else [],
    }
    return render(request, "alerts/shelf_list.html", context, status=status)
