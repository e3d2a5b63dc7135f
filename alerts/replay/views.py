"""Replaying a decision: what its person had before them, moment by moment."""

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from alerts.replay.access import access_replay
from alerts.replay.drawing import replay_context, steps_context
from alerts.services.viewing import alert_replayed
from paca_site.accounts.access import signed_in


@require_safe
def decision_replay(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a decision as it was taken; a step of an open page brings no footage and is no new look."""
    user = signed_in(request)
    decision = access_replay(user, pk)
    asked = request.GET.get("step", "")
    if request.htmx and not request.htmx.history_restore_request:  # type: ignore[attr-defined]
        return render(request, "replay/_steps.html", steps_context(decision, asked, user))
    view_id = uuid.uuid4()
    alert_replayed(decision=decision, actor=user, view_id=view_id)
    return render(request, "replay/decision_replay.html", replay_context(decision, asked, user, view_id))
