"""After a decision: taking it back, and logging what was done. Before it: telling the confidence to who has watched."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from alerts.access import access_alert, alerts_to_log
from alerts.desk import alert_context, confidence_context, next_alert, opening_of_token
from alerts.follow_up import Measure
from alerts.forms import ActionForm, WatchedForm
from alerts.queue import desk_page
from alerts.services.logging_actions import alert_log_actions
from alerts.services.revealing import confidence_reveal
from alerts.services.undoing import TOO_LATE, decision_undo, undoable_decision
from cameras.access import SEES_FOOTAGE
from paca_site.accounts.access import role_required, signed_in


@require_POST
def alert_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back one's own last decision on this alert, and go back to it."""
    user = signed_in(request)
    access_alert(user, pk)
    decision = undoable_decision(user)
    try:
        if decision is None or decision.alert_id != pk:
            raise ValidationError(TOO_LATE)
        decision_undo(decision=decision, actor=user)
        messages.success(request, gettext("Taken back. The alert is yours again."))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("alerts:alert-detail", pk=pk)


@require_POST
def alert_log_actions_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Log what was done, which closes the alert, and go on with the next one; refusals keep what was written."""
    user = signed_in(request)
    alert = access_alert(user, pk)
    form = ActionForm(request.POST)
    if form.is_valid():
        measures = [Measure(value) for value in form.cleaned_data["measures"]]
        try:
            alert_log_actions(alert=alert, actor=user, measures=measures, note=form.cleaned_data["note"])
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            messages.success(request, gettext("Alert {pk} is closed.").format(pk=alert.pk))
            following = next_alert(user, alert)
            return redirect("alerts:alert-detail", pk=following.pk) if following else redirect("alerts:queue")
    alert.refresh_from_db()
    context = {**alert_context(user, alert, ""), "form": form}
    if request.htmx:  # type: ignore[attr-defined]  # set by django-htmx's middleware
        response = render(request, "alerts/_decision.html", context, status=422)
        response["HX-Retarget"] = "#decision"
        return response
    return render(request, "alerts/alert_desk.html", {**context, **desk_page(user)}, status=422)


@require_POST
def alert_watched(request: HttpRequest, pk: int) -> HttpResponse:
    """Tell the confidence to somebody who has watched enough of the clip; 409 to who has not."""
    user = signed_in(request)
    alert = access_alert(user, pk)
    form = WatchedForm(request.POST)
    if not form.is_valid():
        raise Http404("No such opening of the alert.")
    opening = opening_of_token(form.cleaned_data["view"], user, alert)
    is_told = opening is not None and confidence_reveal(
        alert=alert,
        actor=user,
        view_id=opening.view_id,
        opened_s=opening.age_s,
        watched_s=form.cleaned_data["watched_s"],
    )
    if not request.htmx:  # type: ignore[attr-defined]  # set by django-htmx's middleware
        if not is_told:
            messages.warning(request, gettext("That was too early: let the clip play first."))
        return redirect("alerts:alert-detail", pk=pk)
    context = {
        **confidence_context(user, alert),
        "view_token": form.cleaned_data["view"],
        "is_too_early": not is_told,
    }
    return render(request, "alerts/_confidence_first.html", context, status=200 if is_told else 409)


@require_safe
@role_required(*SEES_FOOTAGE)
def to_log_list(request: HttpRequest) -> HttpResponse:
    """List confirmed alerts of which nobody has said yet what was done."""
    return render(request, "alerts/to_log_list.html", {"alerts": alerts_to_log(signed_in(request))[:200]})
