"""Whose key unmasked video is sealed for, and what was destroyed."""

import json

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cameras.custody.access import EXPORTS, READS, WRITES, current_key, visible_keys, visible_records
from cameras.custody.forms import KeyForm
from cameras.custody.services.keys import key_register, key_retire
from paca_site.accounts.access import role_required, signed_in
from paca_site.accounts.models import User
from paca_site.accounts.proof import ask_for_proof, has_fresh_proof

RECORDS_SHOWN = 50
KINDS = {
    "sealed unmasked video": _("Sealed unmasked video"),
    "masked recordings": _("Masked recordings"),
    "masked clips": _("Masked clips"),
    "alerts and decisions": _("Alerts and decisions"),
    "masked stills of a commissioning": _("Masked stills of a commissioning"),
}
"""What a record calls what was destroyed, and what the page does."""


@role_required(*READS)
@require_safe
def key_list(request: HttpRequest) -> HttpResponse:
    """Show the current key, earlier ones, and the latest deletion records of the person's sites."""
    return _list(request, signed_in(request))


@role_required(*WRITES)
@require_http_methods(["GET", "HEAD", "POST"])
def key_add(request: HttpRequest) -> HttpResponse:
    """Register the public part of a key, after proving again who one is."""
    user = signed_in(request)
    if not has_fresh_proof(request, user):
        return ask_for_proof(user, reverse("custody:key-add"))
    form = KeyForm(request.POST or None)
    if form.is_valid():
        try:
            key = key_register(actor=user, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, gettext("Registered: {key}. Video is sealed for it from now on.").format(key=key))
            return redirect("custody:key-list")
    context = {"form": form, "current": current_key(user)}
    return render(request, "custody/key_form.html", context, status=422 if form.errors else 200)


@role_required(*WRITES)
@require_POST
def key_end(request: HttpRequest) -> HttpResponse:
    """Retire the current key, with a reason, after proving again who one is."""
    user = signed_in(request)
    if not has_fresh_proof(request, user):
        return ask_for_proof(user, reverse("custody:key-list"))
    key, reason = current_key(user), request.POST.get("reason", "")
    try:
        if key is None:
            raise ValidationError(gettext("No key is registered."))
        key_retire(key=key, actor=user, reason=reason)
    except ValidationError as error:
        return _list(request, user, {"errors": error.messages, "given": reason}, status=422)
    messages.success(request, gettext("Retired: {key}. Nothing unmasked is sealed any more.").format(key=key))
    return redirect("custody:key-list")


def _list(request: HttpRequest, user: User, failed: dict[str, object] | None = None, status: int = 200) -> HttpResponse:
    told = [(record, json.loads(record.text)) for record in visible_records(user)[:RECORDS_SHOWN]]
    context = {
        "current": current_key(user),
        "past": visible_keys(user).exclude(retired_at=None),
        "records": [(record, one, KINDS.get(one["kind"], one["kind"])) for record, one in told],
        "may_write": user.has_role(*WRITES),
        "may_export": user.has_role(*EXPORTS),
        **(failed or {}),
    }
    return render(request, "custody/key_list.html", context, status=status)
