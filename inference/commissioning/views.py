"""Commissioning: how cameras stand, beginning a walk, one commissioning from the walk to the signature."""

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cameras.access import SEES_FOOTAGE, access_camera, visible_cameras
from cameras.commissioning.models import OPEN_STATES, Run, RunState
from cameras.commissioning.standing import standings_of
from cameras.models import Camera
from inference.commissioning.access import SEES_RUNS, access_run, visible_runs
from inference.commissioning.figures import figures_of
from inference.commissioning.forms import SignForm, WalkForm
from inference.commissioning.labelling import next_still
from inference.commissioning.services.deciding import against_signing, run_sign
from inference.commissioning.services.sampling import SETTLED_AFTER
from inference.commissioning.services.walking import (
    LONGEST_WALK,
    SHORTEST_WALK,
    against_beginning,
    run_abandon,
    run_begin,
    walk_end,
)
from paca_site.accounts.access import role_required, signed_in
from paca_site.accounts.models import Role, User

MOST_SHOWN = 100


@role_required(*SEES_RUNS)
@require_safe
def run_list(request: HttpRequest) -> HttpResponse:
    """Show how each camera of the person stands, and the newest commissionings."""
    user = signed_in(request)
    standings = standings_of(visible_cameras(user))
    context = {
        "standings": list(standings.values()),
        "runs": visible_runs(user)[:MOST_SHOWN],
        "required": settings.COMMISSION_REQUIRED,
        "may_begin": user.role == Role.SUPERVISOR,
    }
    return render(request, "commissioning/run_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def run_add(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what a test walk is, and begin one."""
    user = signed_in(request)
    camera = access_camera(user, pk, footage=True)
    if user.role != Role.SUPERVISOR:
        raise Http404("No such camera.")
    form = WalkForm(request.POST if request.method == "POST" else None, label_suffix="")
    if request.method == "POST" and form.is_valid():
        try:
            run = run_begin(camera=camera, actor=user, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, gettext("The walk has begun. End it here when everybody is out of the picture."))
            return redirect("commissioning:run-detail", run.pk)
    return _add_page(request, user, camera, form, status=422 if request.method == "POST" else 200)


@require_safe
def run_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one commissioning: its step, its figures, and what comes next."""
    user = signed_in(request)
    return _page(request, user, access_run(user, pk))


@require_POST
def run_end(request: HttpRequest, pk: int) -> HttpResponse:
    """End the walk."""
    user = signed_in(request)
    run = access_run(user, pk, write=True)
    try:
        walk_end(run=run, actor=user)
    except ValidationError as error:
        return _page(request, user, run, error.messages)
    return redirect("commissioning:run-detail", run.pk)


@require_POST
def run_give_up(request: HttpRequest, pk: int) -> HttpResponse:
    """Give it up."""
    user = signed_in(request)
    run = access_run(user, pk, write=True)
    try:
        run_abandon(run=run, actor=user)
    except ValidationError as error:
        return _page(request, user, run, error.messages)
    messages.success(request, gettext("Given up. Its stills are deleted within the hour."))
    return redirect("commissioning:run-list")


@require_POST
def run_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign a go or a no-go."""
    user = signed_in(request)
    run = access_run(user, pk, write=True)
    form = SignForm(request.POST, label_suffix="")
    if not form.is_valid():
        return _page(request, user, run, form=form)
    is_go = form.cleaned_data["verdict"] == "go"
    try:
        run_sign(run=run, is_go=is_go, reason=form.cleaned_data["reason"], actor=user)
    except ValidationError as error:
        return _page(request, user, run, error.messages, form)
    if is_go:
        messages.success(request, gettext("Go. It holds until masking, detection or the camera's place changes."))
    else:
        messages.warning(request, gettext("No go. The camera stops now and stays off."))
    return redirect("commissioning:run-detail", run.pk)


def _add_page(request: HttpRequest, user: User, camera: Camera, form: WalkForm, status: int) -> HttpResponse:
    standing = standings_of([camera])[camera.pk]
    context = {
        "camera": camera,
        "standing": standing,
        "current": visible_runs(user).filter(camera=camera, state__in=OPEN_STATES).first(),
        "against": against_beginning(camera),
        "form": form,
        "longest_min": int(LONGEST_WALK.total_seconds() // 60),
    }
    return render(request, "commissioning/run_add.html", context, status=status)


def _page(
    request: HttpRequest, user: User, run: Run, errors: list[str] | None = None, form: SignForm | None = None
) -> HttpResponse:
    labels = run.state == RunState.LABELLING
    count = run.stills.count()
    context = {
        "run": run,
        "camera": run.camera,
        "figures": figures_of(run, timezone.now()) if count else [],
        "count": count,
        "done": run.stills.exclude(labelled_at=None).count(),
        "unclear": run.stills.filter(cannot_tell=True).count(),
        "next": next_still(run) if labels and user.has_role(*SEES_FOOTAGE) else None,
        "first": run.stills.exclude(path="").first() if labels and user.has_role(*SEES_FOOTAGE) else None,
        "may_write": user.role == Role.SUPERVISOR and run.is_open,
        "against": against_signing(run, user) if labels else "",
        "sign": form or SignForm(label_suffix=""),
        "standing": standings_of([run.camera])[run.camera_id],
        "shortest_s": int(SHORTEST_WALK.total_seconds()),
        "settled_s": int(SETTLED_AFTER.total_seconds()),
        "errors": errors or [],
    }
    has_failed = bool(errors) or bool(form and form.errors)
    return render(request, "commissioning/run_detail.html", context, status=422 if has_failed else 200)
