"""Retention policies: everybody concerned reads them, administrators write them."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from cameras.access import access_policy, visible_policies
from cameras.forms import PolicyForm
from cameras.keeping import keeping_sentences
from cameras.services.cameras import policy_save
from paca_site.accounts.access import role_required, signed_in
from paca_site.accounts.models import Role


@role_required(Role.ADMINISTRATOR, Role.AUDITOR, Role.CUSTODIAN)
@require_safe
def policy_list(request: HttpRequest) -> HttpResponse:
    """Show all policies and what each keeps."""
    user = signed_in(request)
    rows = [(policy, keeping_sentences(policy)) for policy in visible_policies(user)]
    return render(request, "cameras/policy_list.html", {"rows": rows, "may_write": user.role == Role.ADMINISTRATOR})


@role_required(Role.ADMINISTRATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def policy_add(request: HttpRequest) -> HttpResponse:
    """Add a policy."""
    return _policy_form(request, PolicyForm(request.POST or None))


@require_http_methods(["GET", "HEAD", "POST"])
def policy_change(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a policy; what a shorter one deletes is listed and must be acknowledged."""
    policy = access_policy(signed_in(request), pk, write=True)
    return _policy_form(request, PolicyForm(request.POST or None, instance=policy))


def _policy_form(request: HttpRequest, form: PolicyForm) -> HttpResponse:
    refused: ValidationError | None = None
    if form.is_valid():
        try:
            policy = policy_save(policy=form.save(commit=False), actor=signed_in(request))
        except ValidationError as error:
            refused = ValidationError(error.messages)
        else:
            messages.success(request, gettext("The policy “{name}” is saved.").format(name=policy.name))
            return redirect("cameras:policy-list")
    preview = form.preview()  # looks at the fields anew, which forgets what is added to them before
    if refused is not None:
        form.add_error(None, refused)
    context = {"form": form, "policy": form.instance if form.instance.pk else None, **preview}
    return render(request, "cameras/policy_form.html", context, status=422 if form.errors else 200)


@role_required(Role.ADMINISTRATOR)
@require_safe
def policy_preview(request: HttpRequest) -> HttpResponse:
    """Say what the policy on the form keeps, and what the next purge would delete."""
    pk = request.GET.get("policy", "")
    policy = access_policy(signed_in(request), int(pk), write=True) if pk.isdecimal() else None
    form = PolicyForm(request.GET, instance=policy)
    return render(request, "cameras/_policy_preview.html", {"form": form, "is_preview": True, **form.preview()})
