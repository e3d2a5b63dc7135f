"""Authorisations: the list, one of them, drafting, signing, withdrawing."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cameras.access import SEES_CONFIGURATION, visible_cameras
from cameras.authorising.access import access_authorisation, visible_authorisations
from cameras.authorising.forms import AuthorisationForm
from cameras.authorising.models import Authorisation
from cameras.authorising.services.authorising import authorisation_save, authorisation_sign, authorisation_withdraw
from cameras.authorising.standing import obstacles
from paca_site.accounts.access import role_required, signed_in
from paca_site.accounts.models import Role, User

PAST_SHOWN = 50
PAST = ("over", "withdrawn")


@role_required(*SEES_CONFIGURATION)
@require_safe
def authorisation_list(request: HttpRequest) -> HttpResponse:
    """List what holds, what waits for a signature, what is over, and which cameras have nothing."""
    user = signed_in(request)
    found = list(visible_authorisations(user))
    cameras = {camera.pk: camera for camera in visible_cameras(user)}
    context = {
        "drafts": [item for item in found if item.state == "draft"],
        "current": [item for item in found if item.state not in ("draft", *PAST)],
        "past": [item for item in found if item.state in PAST][:PAST_SHOWN],
        "bare": [(cameras[pk], item) for pk, item in obstacles(cameras.values()).items()],
        "may_draft": user.has_role(Role.ADMINISTRATOR),
    }
    return render(request, "authorising/authorisation_list.html", context)


@require_safe
def authorisation_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one whole, with the next step for whoever may take it."""
    user = signed_in(request)
    return _detail(request, user, access_authorisation(user, pk))


@role_required(Role.ADMINISTRATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def authorisation_add(request: HttpRequest) -> HttpResponse:
    """Draft one."""
    return _edit(request, signed_in(request), Authorisation())


@require_http_methods(["GET", "HEAD", "POST"])
def authorisation_change(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a draft; what is signed is shown instead."""
    user = signed_in(request)
    found = access_authorisation(user, pk, write=True)
    if found.signed_at is not None:
        return redirect("authorising:authorisation-detail", pk)
    return _edit(request, user, found)


@require_POST
def authorisation_sign_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign the draft that was read: supervisors."""
    user = signed_in(request)
    found = access_authorisation(user, pk, sign=True)
    given = request.POST.get("version", "")
    try:
        if request.POST.get("is_read") != "on":
            raise ValidationError(gettext("Tick the box to say that you have compared it with the decision."))
        version = int(given) if given.isdecimal() and len(given) < 10 else 0
        authorisation_sign(authorisation=found, actor=user, version=version)
    except ValidationError as error:
        return _detail(request, user, access_authorisation(user, pk), error.messages)
    messages.success(request, gettext("Signed. Its cameras may run under it from {day}.").format(day=found.starts_on))
    return redirect("authorising:authorisation-detail", pk)


@require_POST
def authorisation_withdraw_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Withdraw what was signed, with a reason: supervisors."""
    user = signed_in(request)
    found = access_authorisation(user, pk, sign=True)
    given = request.POST.get("reason", "")
    try:
        authorisation_withdraw(authorisation=found, actor=user, reason=given)
    except ValidationError as error:
        return _detail(request, user, found, error.messages, given)
    messages.success(request, gettext("Withdrawn. Its cameras stop unless another authorisation covers them."))
    return redirect("authorising:authorisation-detail", pk)


def _edit(request: HttpRequest, user: User, found: Authorisation) -> HttpResponse:
    form = AuthorisationForm(request.POST if request.method == "POST" else None, user=user, instance=found)
    if form.is_valid():
        try:
            saved = authorisation_save(
                authorisation=form.instance, cameras=list(form.cleaned_data["cameras"]), actor=user
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, gettext("The draft is saved. It counts once a supervisor has signed it."))
            return redirect("authorising:authorisation-detail", saved.pk)
    context = {"form": form, "authorisation": found}
    return render(request, "authorising/authorisation_form.html", context, status=422 if form.errors else 200)


def _detail(
    request: HttpRequest, user: User, found: Authorisation, errors: list[str] | None = None, given: str = ""
) -> HttpResponse:
    context = {
        "authorisation": found,
        "errors": errors or [],
        "given": given,
        "may_draft": user.has_role(Role.ADMINISTRATOR),
        "may_sign": user.has_role(Role.SUPERVISOR),
    }
    return render(request, "authorising/authorisation_detail.html", context, status=422 if errors else 200)
