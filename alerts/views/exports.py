"""Handing an alert out of PACA, one at a time."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from alerts.access import access_export
from alerts.forms import EvidenceForm
from alerts.services.exporting import alert_export, why_not_exported
from paca_site.accounts.access import signed_in
from paca_site.accounts.proof import ask_for_proof, has_fresh_proof
from paca_site.audit.signing import SigningError, public_fingerprint


@require_http_methods(["GET", "HEAD", "POST"])
def alert_export_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for case and reason, then send the signed zip. Audit: `alert.exported`, before anything is sent.

    Only to who has just proved again who they are: what has left cannot be called back.
    """
    user = signed_in(request)
    alert = access_export(user, pk)
    if not has_fresh_proof(request, user):
        return ask_for_proof(user, reverse("alerts:alert-export", args=[pk]))
    form = EvidenceForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        case, reason = form.cleaned_data["case"], form.cleaned_data["reason"]
        try:
            name, content = alert_export(alert=alert, actor=user, case=case, reason=reason)
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            response = HttpResponse(content, content_type="application/zip")
            response["Content-Disposition"] = f'attachment; filename="{name}"'
            response["Cache-Control"] = "private, no-store"
            return response
    context = {"alert": alert, "form": form, "why_not": why_not_exported(alert), "key": _fingerprint()}
    return render(request, "alerts/alert_export.html", context, status=422 if request.method == "POST" else 200)


def _fingerprint() -> str:
    """Return the key's fingerprint; empty where there is none yet or it cannot be used, which exporting tells."""
    try:
        return public_fingerprint(settings.CHECKPOINT_KEY)
    except (SigningError, OSError):
        return ""
