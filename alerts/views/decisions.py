"""Deciding an alert, and the list of what was decided."""

from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from alerts.access import access_alert, visible_decisions
from alerts.decision_download import decisions_csv
from alerts.decision_pages import decision_page
from alerts.desk import alert_context, next_alert
from alerts.filters import DecisionFilter
from alerts.forms import DecisionForm
from alerts.models import Alert
from alerts.queue import desk_page
from alerts.services.claiming import AlreadyClaimed
from alerts.services.deciding import AlreadyDecided, alert_decide
from alerts.services.listing import decisions_exported, decisions_listed
from paca_site.accounts.access import role_required, signed_in
from paca_site.accounts.models import Role, User
from paca_site.accounts.proof import ask_again_after_proof, has_fresh_proof
from paca_site.audit.forms import DownloadForm


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
    return render(request, "alerts/alert_desk.html", {**context, **desk_page(user)}, status=status)


@require_safe
@role_required(Role.SUPERVISOR, Role.AUDITOR)
def decision_list(request: HttpRequest) -> HttpResponse:
    """List decisions, newest first; supervisors reach the alerts from here, auditors see no footage."""
    return _list(request, request.GET, DownloadForm())


@require_POST
@role_required(Role.SUPERVISOR, Role.AUDITOR)
def decision_export(request: HttpRequest) -> HttpResponse:
    """Give the narrowed list as CSV, for a reason and to who has just proved again who they are.

    `decisions.exported` is committed before anything is sent.
    """
    user, why = signed_in(request), DownloadForm(request.POST)
    chosen = DecisionFilter(request.POST, queryset=visible_decisions(user), person=user)
    if not (why.is_valid() and chosen.is_valid()):
        return _list(request, request.POST, why, status=422)
    if not has_fresh_proof(request, user):
        return ask_again_after_proof(request, user, "alerts:decision-list", chosen.form.fields)
    try:
        text, rows = decisions_csv(chosen.qs)
    except ValidationError as error:
        why.add_error(None, error)
        return _list(request, request.POST, why, status=422)
    number = decisions_exported(actor=user, filters=request.POST, rows=rows, reason=why.cleaned_data["reason"])
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="paca-decisions-{number}.csv"'
    response["Cache-Control"] = "no-store"
    return response


def _list(request: HttpRequest, asked: QueryDict, why: DownloadForm, status: int = 200) -> HttpResponse:
    user = signed_in(request)
    chosen = DecisionFilter(asked, queryset=visible_decisions(user), person=user)
    page = decision_page(chosen.qs, asked.get("before", ""))
    decisions_listed(actor=user, filters=asked, count=len(page.decisions))
    narrowed = {name: asked[name] for name in chosen.filters if asked.get(name)}
    context = {
        "filter": chosen,
        "page": page,
        "may_open": user.has_role(Role.SUPERVISOR),
        "why": why,
        "narrowed": narrowed,
        "is_narrowed": bool(narrowed or asked.get("before")),
    }
    return render(request, "alerts/decision_list.html", context, status=status)
