"""Taking an alert, putting it back, and the decision's part of the page for screens that were told of a change."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from alerts.access import access_alert
from alerts.desk import decision_context
from alerts.models import Alert
from alerts.services.claiming import AlreadyClaimed, alert_claim, alert_claim_renew, alert_release
from paca_site.accounts.access import signed_in


@require_POST
def alert_claim_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an alert, take it over knowingly (`take_over`), or only say that one is still at it (`renew`)."""
    user = signed_in(request)
    alert = access_alert(user, pk)
    if request.POST.get("renew"):
        return HttpResponse(status=204 if alert_claim_renew(alert=alert, actor=user) else 409)
    said, status = "", 200
    try:
        alert_claim(alert=alert, actor=user, take_over=bool(request.POST.get("take_over")))
    except AlreadyClaimed as claimed:
        said, status = gettext("{holder} was first and has this alert.").format(holder=claimed.holder), 409
    except ValidationError as error:
        said, status = " ".join(error.messages), 409
    if request.htmx:  # type: ignore[attr-defined]  # set by django-htmx's middleware
        return _decision_part(request, access_alert(user, pk), status)
    if said:
        messages.warning(request, said)
    return redirect("alerts:alert-detail", pk=pk)


@require_POST
def alert_release_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Put an alert back into the queue."""
    alert_release(alert=access_alert(signed_in(request), pk), actor=signed_in(request))
    return redirect("alerts:queue")


@require_safe
def alert_decision(request: HttpRequest, pk: int) -> HttpResponse:
    """Return the decision's part anew: who has the alert, what was decided, what can be decided."""
    return _decision_part(request, access_alert(signed_in(request), pk), 200)


def _decision_part(request: HttpRequest, alert: Alert, status: int) -> HttpResponse:
    return render(request, "alerts/_decision.html", decision_context(signed_in(request), alert), status=status)
