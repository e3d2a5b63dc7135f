"""Taking deletion records out of PACA, for an auditor who trusts nothing here."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from cameras.access import visible_sites
from cameras.custody.access import EXPORTS, visible_records
from cameras.custody.forms import RecordsForm
from cameras.custody.services.proving import records_export
from paca_site.accounts.access import role_required, signed_in
from paca_site.accounts.local_time import zone_of
from paca_site.accounts.proof import ask_for_proof, has_fresh_proof
from paca_site.audit.signing import SigningError, public_fingerprint


@role_required(*EXPORTS)
@require_http_methods(["GET", "HEAD", "POST"])
def record_export(request: HttpRequest) -> HttpResponse:
    """Ask for days and a reason, then give the signed zip. Audit: `custody.records-exported`, before a byte is sent.

    Only to who has just proved again who they are: what has left cannot be called back.
    """
    user = signed_in(request)
    if not has_fresh_proof(request, user):
        return ask_for_proof(user, reverse("custody:record-export"))
    form = RecordsForm(request.POST if request.method == "POST" else None, zone=zone_of(user))
    records = visible_records(user)
    if form.is_valid():
        from_at, to_at = form.span()
        try:
            name, content = records_export(
                records=records,
                sites=visible_sites(user),
                actor=user,
                reason=form.cleaned_data["reason"],
                from_at=from_at,
                to_at=to_at,
            )
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            response = HttpResponse(content, content_type="application/zip")
            response["Content-Disposition"] = f'attachment; filename="{name}"'
            response["Cache-Control"] = "private, no-store"
            return response
    context = {"form": form, "count": records.count(), "key": _fingerprint()}
    return render(request, "custody/record_export.html", context, status=422 if form.errors else 200)


def _fingerprint() -> str:
    try:
        return public_fingerprint(settings.CHECKPOINT_KEY)
    except (SigningError, OSError):
        return ""  # an export with it says why
