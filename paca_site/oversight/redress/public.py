"""Redress for everybody, without signing in: file a complaint, read what became of it."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from cameras.models import Site
from paca_site.oversight.redress.forms import ComplaintForm, LookUpForm
from paca_site.oversight.redress.limits import is_too_often
from paca_site.oversight.redress.services.filing import complaint_file, complaint_look_up

FILE_RATE, LOOK_UP_RATE = "5/h", "20/h"


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def complaint_add(request: HttpRequest) -> HttpResponse:
    """File a complaint. The answer to it tells reference and secret, once."""
    form = ComplaintForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        if is_too_often(request, "redress.file", FILE_RATE):  # what was mistyped does not count
            return render(request, "redress/too_many.html", status=429)
        receipt = complaint_file(
            complaint=form.save(commit=False),
            contact=form.cleaned_data["contact"],
            form_token=form.cleaned_data["form_token"],
        )
        return render(request, "redress/receipt.html", {"receipt": receipt}, status=201 if receipt else 409)
    context = {
        "form": form,
        "has_sites": Site.objects.exists(),
        "days": settings.REDRESS_DAYS,
        "keep_days": settings.REDRESS_KEEP_DAYS,
    }
    return render(request, "redress/complaint_form.html", context, status=422 if form.errors else 200)


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def complaint_own(request: HttpRequest) -> HttpResponse:
    """Show a complaint to the person who filed it. A wrong pair is told as one: neither part is confirmed."""
    if request.method == "POST" and is_too_often(request, "redress.look-up", LOOK_UP_RATE):
        return render(request, "redress/too_many.html", status=429)
    form = LookUpForm(request.POST if request.method == "POST" else None)
    complaint = None
    if form.is_valid():
        complaint = complaint_look_up(reference=form.cleaned_data["reference"], secret=form.cleaned_data["secret"])
        if complaint is None:
            form.add_error(
                None, gettext("No complaint has this reference and this secret. It may also be past its time.")
            )
    context = {"form": form, "complaint": complaint}
    return render(request, "redress/complaint_own.html", context, status=422 if form.errors else 200)
