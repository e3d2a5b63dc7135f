"""The leak watch: how each camera stands, one camera's hours, and letting a suspended camera run again."""

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from cameras.access import access_camera, visible_cameras
from cameras.leaking.access import LIFTS, READS, access_suspension, visible_suspensions
from cameras.leaking.models import LONGEST_REASON
from cameras.models import Camera
from inference.leaking.pages import hours_shown, watched_of
from inference.leaking.services.suspending import suspension_lift
from paca_site.accounts.access import role_required, signed_in
from paca_site.accounts.models import User


@role_required(*READS)
@require_safe
def leak_list(request: HttpRequest) -> HttpResponse:
    """Show how each camera of the person stands, suspended ones first."""
    watched = watched_of(visible_cameras(signed_in(request)))
    watched.sort(key=lambda one: one.suspension is None)
    return render(request, "leaking/leak_list.html", {"watched": watched, **_words()})


@require_safe
def leak_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one camera: its last day, its hours, and what suspended it now and before."""
    user = signed_in(request)
    return _detail(request, user, access_camera(user, pk))


@require_POST
def leak_lift(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a suspended camera run again, with a reason: supervisors. Audit: `leak-watch.lifted`."""
    user = signed_in(request)
    suspension = access_suspension(user, pk)
    given = request.POST.get("reason", "")
    try:
        suspension_lift(suspension=suspension, actor=user, reason=given)
    except ValidationError as error:
        failed: dict[str, object] = {"errors": error.messages, "given": given}
        return _detail(request, user, suspension.camera, failed, status=422)
    messages.success(request, gettext("{name} may run again.").format(name=suspension.camera.name))
    return redirect("leaking:leak-detail", pk=suspension.camera_id)


def _detail(
    request: HttpRequest, user: User, camera: Camera, failed: dict[str, object] | None = None, status: int = 200
) -> HttpResponse:
    context = {
        "camera": camera,
        "watched": watched_of([camera])[0],
        "hours": hours_shown(camera),
        "past": visible_suspensions(user).filter(camera=camera).exclude(ended_at=None),
        "may_lift": user.has_role(*LIFTS),
        "longest_reason": LONGEST_REASON,
        **_words(),
        **(failed or {}),
    }
    return render(request, "leaking/leak_detail.html", context, status=status)


def _words() -> dict[str, object]:
    return {
        "is_on": settings.LEAK_WATCH,
        "interval_s": settings.LEAK_INTERVAL_S,
        "least_people": settings.LEAK_PEOPLE,
        "budget": settings.LEAK_BUDGET,
        "cpu_percent": settings.LEAK_CPU_PERCENT,
    }
