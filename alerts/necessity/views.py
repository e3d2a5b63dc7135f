"""The necessity clock: what proposes its own switch-off, and the answers."""

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from alerts.necessity.access import access_proposal, visible_proposals
from alerts.necessity.models import ProposalState
from alerts.necessity.services.proposing import proposal_accept, proposal_decline
from cameras.access import SEES_CONFIGURATION
from paca_site.accounts.access import role_required, signed_in
from paca_site.accounts.models import Role, User

PAST_SHOWN = 50


@role_required(*SEES_CONFIGURATION)
@require_safe
def proposal_list(request: HttpRequest) -> HttpResponse:
    """List what waits for an answer and what was answered."""
    return _list(request, signed_in(request))


@require_POST
def proposal_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Switch off (`answer=accept`) or let go on (`answer=decline`), with a reason: supervisors."""
    user = signed_in(request)
    proposal = access_proposal(user, pk)
    answer, given = request.POST.get("answer", ""), request.POST.get("reason", "")
    if answer not in ("accept", "decline"):
        raise Http404("No such answer.")
    try:
        take = proposal_accept if answer == "accept" else proposal_decline
        found = take(proposal=proposal, actor=user, reason=given)
    except ValidationError as error:
        return _list(request, user, {"failed": pk, "errors": error.messages, "given": given}, status=422)
    if found.state == ProposalState.ACCEPTED:
        said = gettext("Switched off: {what}. It stands under Stop, where a supervisor can let it run again.")
    else:
        said = gettext("{what} goes on. It is not proposed again for {days} days.")
    messages.success(request, said.format(what=found.what, days=settings.NECESSITY_DAYS))
    return redirect("necessity:proposal-list")


def _list(request: HttpRequest, user: User, failed: dict[str, object] | None = None, status: int = 200) -> HttpResponse:
    found = visible_proposals(user)
    context = {
        "open": found.open(),
        "past": found.exclude(state=ProposalState.OPEN)[:PAST_SHOWN],
        "may_answer": user.has_role(Role.SUPERVISOR),
        "alerts": settings.NECESSITY_ALERTS,
        "days": settings.NECESSITY_DAYS,
        "percent": settings.NECESSITY_PERCENT,
        **(failed or {}),
    }
    return render(request, "necessity/proposal_list.html", context, status=status)
