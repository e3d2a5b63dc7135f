"""Deciding an alert, and the list of what was decided."""

from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from alerts.access import access_alert, visible_decisions
from alerts.decision_pages import decision_page
from alerts.desk import alert_context, next_alert
from alerts.filters import DecisionFilter
from alerts.forms import DecisionForm
from alerts.models import Alert
from alerts.queue import load_queue
from alerts.services.claiming import AlreadyClaimed
from alerts.services.deciding import AlreadyDecided, alert_decide
from alerts.services.listing import decisions_listed
from paca_site.accounts.access import role_required, signed_in
from paca_site.accounts.models import Role, User


@require_POST
def alert_decide_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Confirm, dismiss or escalate, then log what was done or go on; refusals keep what was written."""
    user = signed_in(request)
    alert = access_alert(user, pk)
    form = DecisionForm(request.POST)
    if not form.is_valid():
        return _not_decided(request, alert, form)
    try:
        decision = alert_decide(alert=alert, actor=user, choice=form.choice())
    except AlreadyClaimed as claimed:
        form.add_error(
            None,
            gettext("{holder} has this alert now. Yours was not stored; take it over to decide it.").format(
                holder=claimed.holder
            ),
        )
        return _not_decided(request, access_alert(user, pk), form, status=409)
    except AlreadyDecided as already:
        alert.refresh_from_db()
        at = already.decision.at.astimezone(ZoneInfo(alert.camera.site.time_zone))
        said = already.decision.get_verdict_display().lower()
        form.add_error(
            None,
            gettext("{by} was first: {said} at {at:%H:%M:%S}. Yours was not stored.").format(
                by=already.decision.by, said=said, at=at
            ),
        )
        return _not_decided(request, alert, form, status=409)
    except ValidationError as error:
        form.add_error(None, error.messages)
        return _not_decided(request, alert, form)
    return _to_next(request, user, alert, decision.get_verdict_display())


def _to_next(request: HttpRequest, user: User, alert: Alert, said: str) -> HttpResponse:
    if alert.is_seeded:
        messages.info(request, gettext("{said}. This was a test alert: see what was known about it.").format(said=said))
        return redirect("alerts:alert-detail", pk=alert.pk)
    if alert.is_to_log:
        messages.success(request, gettext("{said}. Log what was done, or go on and log it later.").format(said=said))
        return redirect("alerts:alert-detail", pk=alert.pk)
    following = next_alert(user, alert)
    if following is None:
        messages.success(request, gettext("{said}. Nothing else is waiting.").format(said=said))
        return redirect("alerts:queue")
    messages.success(request, gettext("{said}. Next alert.").format(said=said))
    return redirect("alerts:alert-detail", pk=following.pk)


def _not_decided(request: HttpRequest, alert: Alert, form: DecisionForm, status: int = 422) -> HttpResponse:
    """Show the alert again, with what was wrong and what was written."""
    user = signed_in(request)
    context = {**alert_context(user, alert, ""), "form": form}
    if request.htmx:  # type: ignore[attr-defined]  # set by django-htmx's middleware
        response = render(request, "alerts/_decision.html", context, status=status)
        response["HX-Retarget"] = "#decision"  # what is watched meanwhile stays as it is
        return response
    return render(request, "alerts/alert_desk.html", {**context, "queue": load_queue(user)}, status=status)


@require_safe
@role_required(Role.SUPERVISOR, Role.AUDITOR)
def decision_list(request: HttpRequest) -> HttpResponse:
    """List decisions, newest first; supervisors reach the alerts from here, auditors see no footage."""
    user = signed_in(request)
    chosen = DecisionFilter(request.GET, queryset=visible_decisions(user), person=user)
    page = decision_page(chosen.qs, request.GET.get("before", ""))
    decisions_listed(actor=user, filters=request.GET, count=len(page.decisions))
    context = {"filter": chosen, "page": page, "may_open": user.has_role(Role.SUPERVISOR)}
    return render(request, "alerts/decision_list.html", context)
