"""What is covered in a camera's picture beside people."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from cameras.access import access_camera
from cameras.forms import MaskingForm
from cameras.views.saving import camera_saved
from paca_site.accounts.access import signed_in


@require_http_methods(["GET", "HEAD", "POST"])
def camera_masking(request: HttpRequest, pk: int) -> HttpResponse:
    """Draw the zones that are always masked, and choose how much of vehicles is; a running camera starts anew."""
    user = signed_in(request)
    camera = access_camera(user, pk, write=True)
    form = MaskingForm(request.POST or None, instance=camera)
    if form.is_valid() and camera_saved(form, user):
        messages.success(request, gettext("What is covered at {name} is saved.").format(name=camera.name))
        return redirect("cameras:camera-detail", pk=camera.pk)
    context = {"camera": camera, "form": form}
    return render(request, "cameras/camera_masking.html", context, status=422 if form.errors else 200)
