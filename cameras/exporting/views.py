"""The viewer of a release takes it out as a signed file, where the custodian allowed it."""

import logging

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from cameras.exporting.forms import FootageExportForm
from cameras.exporting.services.exporting import MOST_FOOTAGE, export_begin, may_export
from cameras.exporting.streaming import ExportStream
from cameras.warrants.access import access_released
from cameras.warrants.cookie import COOKIE
from cameras.warrants.models import FootageRelease
from cameras.warrants.vault_door import VaultRefused
from paca_site.accounts.access import signed_in
from paca_site.accounts.proof import ask_for_proof, has_fresh_proof
from paca_site.audit.export_facts import export_key
from paca_site.audit.signing import SigningError, public_fingerprint

logger = logging.getLogger(__name__)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def release_export(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Ask for minutes and a reason, then give the zip as it is made. Audit: when begun, and before it is signed.

    Only to who has just proved again who they are: a session left open takes nothing unmasked out.
    """
    user = signed_in(request)
    release = access_released(user, pk)
    if not may_export(release):
        raise Http404("No such release.")
    if release.is_open and not has_fresh_proof(request, user):
        return ask_for_proof(user, reverse("warrants:release-export", args=[pk]))
    form = FootageExportForm(request.POST if request.method == "POST" else None, release=release)
    if form.is_valid():
        code = request.COOKIES.get(COOKIE, "")
        try:
            key = export_key()
            export = export_begin(release=release, actor=user, code=code, asked=form.asked())
            stream = ExportStream(export, code, key)
        except ValidationError as error:
            form.add_error(None, error.messages)
        except VaultRefused as error:
            logger.warning("release %s: nothing was exported: %s", release.pk, error)
            form.add_error(None, str(error))
        else:
            response = StreamingHttpResponse(stream, content_type="application/zip")
            response["Content-Disposition"] = f'attachment; filename="paca-release-{release.pk}-{export.pk}.zip"'
            response["Cache-Control"] = "private, no-store"
            response["X-Accel-Buffering"] = "no"  # a proxy would keep it on its disk
            return response
    return _page(request, release, form)


def _page(request: HttpRequest, release: FootageRelease, form: FootageExportForm) -> HttpResponse:
    try:
        key = public_fingerprint(settings.CHECKPOINT_KEY)
    except (SigningError, OSError):
        key = ""  # an export with it says why
    context = {
        "release": release,
        "form": form,
        "has_code": COOKIE in request.COOKIES,
        "exports": list(release.exports.select_related("part__camera")),
        "most_minutes": round(MOST_FOOTAGE.total_seconds() / 60),
        "key": key,
    }
    return render(request, "exporting/release_export.html", context, status=422 if form.errors else 200)
