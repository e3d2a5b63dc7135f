"""Adding and changing a camera, and trying its address first."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cameras.access import access_camera, access_policy, visible_cameras
from cameras.forms import CameraForm, CameraTestForm, PlaceForm
from cameras.keeping import keeping_sentences
from cameras.models import Camera
from cameras.plans import Place, Plan, camera_plan
from cameras.running import reasons_against
from cameras.services.cameras import TestUnavailable, camera_test_result, camera_test_start
from cameras.views.cameras import place_of
from cameras.views.saving import camera_saved
from paca_site.accounts.access import role_required, signed_in
from paca_site.accounts.models import Role, User

TEST_LASTS_S = 30


def _plan(form: PlaceForm, user: User, pk: int | None) -> Plan | None:
    if not form.is_valid():
        return None
    others = [place_of(camera) for camera in visible_cameras(user) if camera.pk != pk]
    return camera_plan(Place(gettext("This camera"), **form.cleaned_data), others)


def _form_page(request: HttpRequest, form: CameraForm, camera: Camera | None) -> HttpResponse:
    values = {name: form[name].value() for name in PlaceForm.base_fields}
    policy_pk = form["retention"].value()
    context = {
        "form": form,
        "camera": camera,
        "plan": _plan(PlaceForm(values), signed_in(request), camera.pk if camera else None),
        "keeping": _keeping(signed_in(request), str(policy_pk or "")),
    }
    return render(request, "cameras/camera_form.html", context, status=422 if form.errors else 200)


def _keeping(user: User, policy_pk: str) -> list[str]:
    if not policy_pk.isdecimal():
        return []
    try:
        return keeping_sentences(access_policy(user, int(policy_pk)))
    except Http404:
        return []


@role_required(Role.ADMINISTRATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def camera_add(request: HttpRequest) -> HttpResponse:
    """Add a camera; it starts at once where nothing stands against it."""
    user = signed_in(request)
    form = CameraForm(request.POST or None, user=user)
    if form.is_valid() and (camera := camera_saved(form, user)):
        if reasons_against([camera]):
            messages.warning(
                request, gettext("{name} is saved. It does not run yet; why stands below.").format(name=camera.name)
            )
        else:
            messages.success(request, gettext("{name} is saved and starts now.").format(name=camera.name))
        return redirect("cameras:camera-detail", pk=camera.pk)
    return _form_page(request, form, None)


@require_http_methods(["GET", "HEAD", "POST"])
def camera_change(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a camera; a running one restarts with the new settings."""
    user = signed_in(request)
    camera = access_camera(user, pk, write=True)
    form = CameraForm(request.POST or None, instance=camera, user=user)
    if form.is_valid() and camera_saved(form, user):
        messages.success(request, gettext("{name} is saved.").format(name=camera.name))
        return redirect("cameras:camera-detail", pk=camera.pk)
    return _form_page(request, form, camera)


@role_required(Role.ADMINISTRATOR)
@require_POST
def camera_test(request: HttpRequest) -> HttpResponse:
    """Ask a worker to try an address; the result page asks until there is one."""
    user = signed_in(request)
    pk = request.POST.get("camera", "")
    camera = access_camera(user, int(pk), write=True) if pk.isdecimal() else None
    form = CameraTestForm(request.POST, stored=camera.address if camera else "")
    if not form.is_valid():
        return _test_page(request, {"error": " ".join(map(str, form.errors["address"]))})
    try:
        token = camera_test_start(address=form.cleaned_data["address"], actor=user, camera=camera)
    except TestUnavailable as error:
        return _test_page(request, {"error": str(error)})
    return redirect("cameras:camera-test-result", token=token)


@role_required(Role.ADMINISTRATOR)
@require_safe
def camera_test_result_page(request: HttpRequest, token: str) -> HttpResponse:
    """Show how a test goes: waiting, the first masked frame, an error, or nobody answered for half a minute."""
    given = request.GET.get("waited", "0")
    waited_s = min(int(given), TEST_LASTS_S) if given.isdecimal() else 0
    try:
        outcome = camera_test_result(token)
    except TestUnavailable as error:
        return _test_page(request, {"error": str(error)})
    if outcome is not None:
        return _test_page(request, {"outcome": outcome, "error": outcome.error})
    if waited_s >= TEST_LASTS_S:
        reason = gettext(
            "No worker answered within {test_lasts_s} s. Is one running for the queues “streams” and “default”?"
        ).format(test_lasts_s=TEST_LASTS_S)
        return _test_page(request, {"error": reason})
    again = reverse("cameras:camera-test-result", args=[token]) + f"?waited={waited_s + 1}"
    return _test_page(request, {"again": again, "waited_s": waited_s})


def _test_page(request: HttpRequest, context: dict[str, object]) -> HttpResponse:
    is_fragment = request.headers.get("HX-Request") == "true"
    return render(request, "cameras/_camera_test.html" if is_fragment else "cameras/camera_test.html", context)


@role_required(Role.ADMINISTRATOR)
@require_safe
def camera_plan_preview(request: HttpRequest) -> HttpResponse:
    """Draw the field of view as the form has it now."""
    pk = request.GET.get("camera", "")
    plan = _plan(PlaceForm(request.GET), signed_in(request), int(pk) if pk.isdecimal() else None)
    return render(request, "cameras/_camera_plan.html", {"plan": plan})


@role_required(Role.ADMINISTRATOR)
@require_safe
def camera_keeping_preview(request: HttpRequest) -> HttpResponse:
    """Say what the chosen policy keeps."""
    return render(
        request, "cameras/_keeping.html", {"keeping": _keeping(signed_in(request), request.GET.get("retention", ""))}
    )
