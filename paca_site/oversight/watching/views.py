"""Who watched this camera, what did this person watch. Asking is recorded, and taking the answer away as well."""

import logging
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from paca_site.accounts.access import role_required, signed_in
from paca_site.accounts.models import Role
from paca_site.accounts.proof import ask_again_after_proof, has_fresh_proof
from paca_site.audit.forms import DownloadForm
from paca_site.audit.services import audit_record_now
from paca_site.oversight.watching.access import READS
from paca_site.oversight.watching.download import report_csv
from paca_site.oversight.watching.forms import QuestionForm
from paca_site.oversight.watching.looking import Question
from paca_site.oversight.watching.report import SHOWN, report_of

logger = logging.getLogger(__name__)


@role_required(*READS)
@require_safe
def report_detail(request: HttpRequest) -> HttpResponse:
    """Ask for a camera or a person and show the report. Audit: `watching.viewed`, wherever a report is shown."""
    form = QuestionForm(request.GET or None, user=signed_in(request))
    if form.is_bound and not form.is_valid():
        return render(request, "watching/report_detail.html", {"form": form}, status=422)
    return _page(request, form, DownloadForm())


@role_required(*READS)
@require_POST
def report_export(request: HttpRequest) -> HttpResponse:
    """Give the report as CSV, for a reason and to who has just proved again who they are.

    Audit: `watching.exported`, committed before anything is sent.
    """
    user = signed_in(request)
    form, why = QuestionForm(request.POST, user=user), DownloadForm(request.POST)
    if not form.is_valid():
        return render(request, "watching/report_detail.html", {"form": form}, status=422)
    if not why.is_valid():
        return _page(request, form, why, status=422)
    if not has_fresh_proof(request, user):
        return ask_again_after_proof(request, user, "watching:report-detail", form.fields)
    question = form.question()
    try:
        text, rows = report_csv(question)
    except ValidationError as error:
        why.add_error(None, error)
        return _page(request, form, why, status=422)
    number = _record("watching.exported", request, question, rows=rows, reason=why.cleaned_data["reason"])
    logger.info("access log of %s: exported, entry %d of the trail, %d rows", question.subject, number, rows)
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="paca-watched-{number}.csv"'
    response["Cache-Control"] = "no-store"
    return response


def _record(action: str, request: HttpRequest, question: Question, **more: Any) -> int:
    """Record what was asked, and of which sites, as another person's sites give another answer."""
    days = {"from": question.since.isoformat(), "to": question.until.isoformat()}
    entry = audit_record_now(
        action=action,
        actor=signed_in(request),
        subject=question.subject,
        site_id=question.site_id,
        details={**days, "sites": sorted(question.sites), **more},
    )
    return entry.number


def _page(request: HttpRequest, form: QuestionForm, why: DownloadForm, status: int = 200) -> HttpResponse:
    user = signed_in(request)
    context: dict[str, Any] = {"form": form, "why": why, "shown": SHOWN}
    if form.is_bound:
        question = form.question()
        _record("watching.viewed", request, question)
        context |= {
            "question": question,
            "report": report_of(question, user),
            "reads_trail": user.has_role(Role.AUDITOR),
        }
    return render(request, "watching/report_detail.html", context, status=status)
