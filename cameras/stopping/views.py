"""The stop button: what is stopped, stop, let run again."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cameras.stopping.access import ENDS, READS, STOPS, access_halt, visible_halts
from cameras.stopping.forms import HaltForm
from cameras.stopping.services.halting import halt_end, halt_place
from paca_site.accounts.access import role_required, signed_in
from paca_site.accounts.models import User

PAST_SHOWN = 50


@role_required(*READS)
@require_safe
def halt_list(request: HttpRequest) -> HttpResponse:
    """List what people have stopped at the person's sites, and what they stopped before."""
    return _list(request, signed_in(request))


@role_required(*STOPS)
@require_http_methods(["GET", "HEAD", "POST"])
def halt_add(request: HttpRequest) -> HttpResponse:
    """Stop a camera or a site; an address may choose it (`?what=camera-7`)."""
    user = signed_in(request)
    given = request.POST if request.method == "POST" else None
    form = HaltForm(given, user=user, initial={"what": request.GET.get("what", "")})
    if form.is_valid():
        try:
            halt = halt_place(halt=form.halt(), actor=user)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(
                request, gettext("Stopped: {what}. A supervisor can let it run again.").format(what=halt.what)
            )
            return redirect("stopping:halt-list")
    return render(request, "stopping/halt_form.html", {"form": form}, status=422 if form.errors else 200)


@require_POST
def halt_lift(request: HttpRequest, pk: int) -> HttpResponse:
    """Let run again what was stopped, with a reason: supervisors."""
    user = signed_in(request)
    halt = access_halt(user, pk)
    given = request.POST.get("reason", "")
    try:
        halt_end(halt=halt, actor=user, reason=given)
    except ValidationError as error:
        return _list(request, user, {"failed": pk, "errors": error.messages, "given": given}, status=422)
    messages.success(request, gettext("{what}: may run again.").format(what=halt.what))
    return redirect("stopping:halt-list")


def _list(request: HttpRequest, user: User, failed: dict[str, object] | None = None, status: int = 200) -> HttpResponse:
    halts = visible_halts(user)
    context = {
        "current": halts.current(),
        "past": halts.exclude(ended_at=None)[:PAST_SHOWN],
        "may_stop": user.has_role(*STOPS),
        "may_end": user.has_role(*ENDS),
        **(failed or {}),
    }
    return render(request, "stopping/halt_list.html", context, status=status)
