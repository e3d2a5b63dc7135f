"""The technical file for auditors."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from paca_site.accounts.access import role_required, signed_in, site_ids
from paca_site.accounts.models import Role
from paca_site.audit.services import audit_record_now
from paca_site.oversight.dossier.page import technical_file_html

MAY_READ = (Role.AUDITOR, Role.SUPERVISOR)


@role_required(*MAY_READ)
@require_safe
def technical_file(request: HttpRequest) -> HttpResponse:
    """Say what the file holds, and offer it."""
    return render(request, "dossier/technical_file_download.html")


@role_required(*MAY_READ)
@require_POST
def technical_file_download(request: HttpRequest) -> HttpResponse:
    """Send the file of the person's sites. Audit: `technical-file.exported`, before anything is sent."""
    user, now = signed_in(request), timezone.now()
    mine = site_ids(user)
    page = technical_file_html(mine, now)
    audit_record_now(action="technical-file.exported", actor=user, details={"sites": sorted(mine)})
    response = HttpResponse(page, content_type="text/html; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="paca-technical-file-{now:%Y%m%dT%H%M%SZ}.html"'
    response["Cache-Control"] = "private, no-store"
    return response
