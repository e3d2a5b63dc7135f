"""The pages of labelling: one masked still at a time."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from alerts.views.media import serve_file
from cameras.commissioning.models import Run, Still
from cameras.footage import footage_path
from inference.commissioning.access import access_still
from inference.commissioning.forms import LabelForm
from inference.commissioning.services.deciding import still_label, still_viewed
from paca_site.accounts.access import signed_in


@require_http_methods(["GET", "HEAD", "POST"])
def still_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one masked still and ask for the two numbers; or store them and go on to the next one without."""
    user = signed_in(request)
    still = access_still(user, pk)
    given = {"visible": still.visible, "uncovered": still.uncovered} if still.visible is not None else None
    form = LabelForm(request.POST if request.method == "POST" else None, initial=given, label_suffix="")
    if request.method != "POST":
        return _page(request, still, form)
    is_unclear = "cannot_tell" in request.POST
    if not is_unclear and not form.is_valid():
        return _page(request, still, form, status=422)
    values = {} if is_unclear else form.cleaned_data
    try:
        still_label(still=still, visible=values.get("visible"), uncovered=values.get("uncovered"), actor=user)
    except ValidationError as error:
        form.full_clean()
        form.add_error(None, error)
        return _page(request, still, form, status=422)
    if left := next_still(still.run, after=still.number):
        return redirect("commissioning:still-label", left.pk)
    messages.success(request, gettext("All stills are labelled. A supervisor who labelled none of them signs."))
    return redirect("commissioning:run-detail", still.run_id)


@require_safe
def still_picture(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Send one masked still; looking at it is recorded before anything is sent."""
    user = signed_in(request)
    still = access_still(user, pk)
    still_viewed(still=still, actor=user)
    return serve_file(request, footage_path(still.path), "image/jpeg")


def next_still(run: Run, *, after: int = 0) -> Still | None:
    """Return the next still without a label, beginning anew at the first one; None where all have one."""
    left = run.stills.filter(labelled_at=None).exclude(path="").order_by("number")
    return left.filter(number__gt=after).first() or left.first()


def _page(request: HttpRequest, still: Still, form: LabelForm, status: int = 200) -> HttpResponse:
    others = still.run.stills.exclude(path="")
    context = {
        "still": still,
        "run": still.run,
        "form": form,
        "count": still.run.stills.count(),
        "done": still.run.stills.exclude(labelled_at=None).count(),
        "before": others.filter(number__lt=still.number).order_by("-number").first(),
        "after": others.filter(number__gt=still.number).order_by("number").first(),
    }
    return render(request, "commissioning/still_label.html", context, status=status)
