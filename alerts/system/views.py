"""System alerts: what to look after now, the history, one alert, and taking note of it."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from alerts.system.access import SEES_CAMERAS, SEES_WHOLE, access_system_alert, visible_system_alerts
from alerts.system.filters import SystemAlertFilter
from alerts.system.history import current_alerts, earlier_alerts, history_page
from alerts.system.services.acknowledging import NOTE_LENGTH, AlreadyAcknowledged, system_alert_acknowledge
from paca_site.accounts.access import role_required, signed_in


class NoteForm(forms.Form):
    """What a person did about it, if they want to say."""

    note = forms.CharField(
        max_length=NOTE_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        label=_("Note (may stay empty)"),
    )


@require_safe
@role_required(*SEES_CAMERAS)
def alert_list(request: HttpRequest) -> HttpResponse:
    """Show what to look after now, and everything that was, narrowed as asked."""
    user = signed_in(request)
    chosen = SystemAlertFilter(request.GET, queryset=visible_system_alerts(user), person=user)
    page = history_page(chosen.qs, request.GET.get("before", ""))
    context = {
        "current": current_alerts(user),
        "filter": chosen,
        "page": page,
        "has_whole": user.has_role(*SEES_WHOLE),
    }
    return render(request, "system_alerts/alert_list.html", context)


@require_safe
@role_required(*SEES_CAMERAS)
def alert_rows(request: HttpRequest) -> HttpResponse:
    """Return what to look after now, for a page that shows it beside other things."""
    return _rows(request)


@require_safe
def alert_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one alert: what it is about, what to do, and what was before."""
    user = signed_in(request)
    return _detail(request, pk, NoteForm(initial={"note": access_system_alert(user, pk).note}))


@require_POST
def alert_acknowledge(request: HttpRequest, pk: int) -> HttpResponse:
    """Take note of an alert, with words if there are any. Within another page: answers with the list as it is then."""
    user = signed_in(request)
    alert = access_system_alert(user, pk)
    form = NoteForm(request.POST)
    if not form.is_valid():
        return _detail(request, pk, form, status=422)
    try:
        system_alert_acknowledge(alert=alert, actor=user, note=form.cleaned_data["note"])
    except AlreadyAcknowledged:
        if request.htmx:  # type: ignore[attr-defined]  # set by django-htmx's middleware
            return _rows(request)  # it says who was first
        alert = access_system_alert(user, pk)
        messages.warning(
            request,
            gettext("{acknowledged_by} was first. Yours was not stored.").format(acknowledged_by=alert.acknowledged_by),
        )
        return _detail(request, pk, form, status=409)
    if request.htmx:  # type: ignore[attr-defined]
        return _rows(request)
    messages.success(request, gettext("{alert}: noted. It ends by itself when its cause is gone.").format(alert=alert))
    return redirect("system_alerts:alert-list")


def _rows(request: HttpRequest) -> HttpResponse:
    response = render(request, "system_alerts/_current.html", {"current": current_alerts(signed_in(request))})
    response["Cache-Control"] = "private, no-cache"
    return response


def _detail(request: HttpRequest, pk: int, form: NoteForm, status: int = 200) -> HttpResponse:
    user = signed_in(request)
    alert = access_system_alert(user, pk)
    context = {"alert": alert, "earlier": earlier_alerts(user, alert), "form": form}
    return render(request, "system_alerts/alert_detail.html", context, status=status)
