"""One incident: all its alerts, and dismissing several of them for one reason."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from alerts.access import access_incident, incident_alerts
from alerts.forms import IncidentForm
from alerts.incidents import Incident
from alerts.life import decidable_states
from alerts.models import DismissReason, Verdict
from alerts.services.incident_dismissing import incident_dismiss
from alerts.services.listing import incident_viewed
from paca_site.accounts.access import signed_in
from paca_site.accounts.training.standing import standing_of


@require_safe
def incident_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the alerts of an incident, those that wait first."""
    incident = access_incident(signed_in(request), pk)
    incident_viewed(incident=incident, actor=signed_in(request))
    return _page(request, incident, IncidentForm())


@require_POST
def incident_dismiss_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Dismiss the chosen alerts for one reason; refusals keep what was chosen."""
    user = signed_in(request)
    incident = access_incident(user, pk)
    form = IncidentForm(request.POST)
    if not form.is_valid():
        return _page(request, incident, form, status=422)
    data = form.cleaned_data
    try:
        done = incident_dismiss(
            incident=incident, actor=user, alert_ids=data["alerts"], reason=data["reason"], note=data["note"]
        )
    except ValidationError as error:
        form.add_error(None, error.messages)
        return _page(request, incident, form, status=422)
    messages.success(request, gettext("{count} dismissed.").format(count=done.count))
    for words in done.left:
        messages.warning(request, words)
    return redirect("alerts:incident-detail", pk=pk)


def _page(request: HttpRequest, incident: Incident, form: IncidentForm, status: int = 200) -> HttpResponse:
    user = signed_in(request)
    context = {
        "incident": incident,
        "alerts": incident_alerts(incident, user),
        "form": form,
        "chosen": form.chosen,
        "states": decidable_states(user, Verdict.DISMISS),
        "reasons": DismissReason.choices,
        "person": user,
        "standing": standing_of(user),
    }
    return render(request, "alerts/incident_detail.html", context, status=status)
