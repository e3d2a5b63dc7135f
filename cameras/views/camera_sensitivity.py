"""How sensitive a camera is: false alerts a day against what is found."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from cameras.access import access_camera
from cameras.forms import SensitivityForm
from cameras.sensitivity import camera_sensitivity as sensitivity_of
from cameras.sensitivity_chart import sensitivity_chart
from cameras.views.saving import camera_saved
from paca_site.accounts.access import signed_in


@require_http_methods(["GET", "HEAD", "POST"])
def camera_sensitivity(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose the threshold on the camera's own curve; a running camera starts anew with it."""
    user = signed_in(request)
    camera = access_camera(user, pk, write=True)
    form = SensitivityForm(request.POST or None, instance=camera)
    if form.is_valid() and camera_saved(form, user):
        messages.success(request, gettext("The sensitivity of {name} is saved.").format(name=camera.name))
        return redirect("cameras:camera-detail", pk=camera.pk)
    known = sensitivity_of(camera)
    context = {
        "camera": camera,
        "form": form,
        "known": known,
        "chart": sensitivity_chart(known) if known else None,
        "chosen": "" if form["threshold_percent"].value() is None else str(form["threshold_percent"].value()),
    }
    return render(request, "cameras/camera_sensitivity.html", context, status=422 if form.errors else 200)
