"""Ceilings of retention: the list, setting, changing, taking away."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cameras.ceilings.access import SEES_CEILINGS, access_ceiling, may_set, visible_ceilings
from cameras.ceilings.forms import CeilingForm
from cameras.ceilings.models import Ceiling
from cameras.ceilings.services.ceilings import ceiling_remove, ceiling_save
from cameras.ceilings.standing import jurisdictions
from paca_site.accounts.access import role_required, signed_in
from paca_site.accounts.models import Role, User

FORM_METHODS = ["GET", "HEAD", "POST"]


@role_required(*SEES_CEILINGS)
@require_safe
def ceiling_list(request: HttpRequest) -> HttpResponse:
    """Show all ceilings."""
    user = signed_in(request)
    context = {
        "ceilings": visible_ceilings(user),
        "may_set": may_set(user),
        "is_administrator": user.has_role(Role.ADMINISTRATOR),
    }
    return render(request, "ceilings/ceiling_list.html", context)


@role_required(Role.ADMINISTRATOR)
@require_http_methods(FORM_METHODS)
def ceiling_add(request: HttpRequest) -> HttpResponse:
    """Set one: administrators of every site."""
    user = signed_in(request)
    if not may_set(user):
        raise Http404("Not yours to set.")
    return _edit(request, user, Ceiling())


@require_http_methods(FORM_METHODS)
def ceiling_change(request: HttpRequest, pk: int) -> HttpResponse:
    """Change one."""
    user = signed_in(request)
    return _edit(request, user, access_ceiling(user, pk))


@require_POST
def ceiling_remove_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Take one away."""
    user = signed_in(request)
    try:
        ceiling_remove(ceiling=access_ceiling(user, pk), actor=user)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, gettext("The ceiling is taken away. Policies stay as they are."))
    return redirect("ceilings:ceiling-list")


def _edit(request: HttpRequest, user: User, ceiling: Ceiling) -> HttpResponse:
    form = CeilingForm(request.POST if request.method == "POST" else None, instance=ceiling)
    if form.is_valid():
        try:
            ceiling_save(ceiling=form.instance, actor=user)
        except ValidationError as error:
            form.add_error(None, ValidationError(error.messages))
        else:
            messages.success(request, gettext("The ceiling holds from now on."))
            return redirect("ceilings:ceiling-list")
    context = {"form": form, "ceiling": ceiling, "jurisdictions": jurisdictions()}
    return render(request, "ceilings/ceiling_form.html", context, status=422 if form.errors else 200)
