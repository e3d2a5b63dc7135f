"""Serious incidents for those who answer for them: supervisors and administrators write, auditors read."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import Form, ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from paca_site.accounts.access import role_required, signed_in
from paca_site.audit.services import audit_record_now
from paca_site.oversight.serious.access import READS, WRITES, access_report, visible_reports
from paca_site.oversight.serious.forms import CloseForm, EntryForm, ReportForm, SettleForm
from paca_site.oversight.serious.harms import Outcome
from paca_site.oversight.serious.models import Entry, EntryKind, Report
from paca_site.oversight.serious.services.closing import report_close
from paca_site.oversight.serious.services.filing import Account, report_file
from paca_site.oversight.serious.services.writing import duty_settle, entry_add
from paca_site.oversight.serious.standing import harms_of, standings

CLOSED_SHOWN = 100


@role_required(*READS)
@require_safe
def report_list(request: HttpRequest) -> HttpResponse:
    """List what is open, the most urgent first, and what was closed lately."""
    user, now = signed_in(request), timezone.now()
    reports = visible_reports(user)
    current = standings(list(reports.open()), now)
    context = {
        "current": sorted(current, key=lambda each: (each.next_due_at is None, each.next_due_at or now)),
        "closed": reports.exclude(closed_at=None).order_by("-closed_at")[:CLOSED_SHOWN],
        "now": now,
        "may_write": user.has_role(*WRITES),
    }
    return render(request, "serious/report_list.html", context)


@role_required(*WRITES)
@require_http_methods(["GET", "HEAD", "POST"])
def report_add(request: HttpRequest) -> HttpResponse:
    """Report a serious incident; an address may fill in place, cameras and alerts."""
    user = signed_in(request)
    initial: dict[str, Any] = {name: request.GET[name] for name in ("site", "alerts") if name in request.GET}
    initial["cameras"] = request.GET.getlist("cameras")
    form = ReportForm(request.POST or None, user=user, initial=initial)
    if form.is_valid():
        report, given = form.instance, form.cleaned_data
        report.harms, report.alert_ids = given["harms"], given["alerts"]
        account = Account(given["happened"], given["measures"], given["token"])
        try:
            report = report_file(report=report, account=account, cameras=list(given["cameras"]), actor=user)
        except ValidationError as error:
            _refuse(form, error)
        else:
            messages.success(
                request, gettext("Reported as number {number}. The deadlines run.").format(number=report.pk)
            )
            return redirect("serious:report-detail", report.pk)
    return render(request, "serious/report_form.html", {"form": form}, status=422 if form.errors else 200)


@require_safe
def report_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a report; each look is recorded."""
    user = signed_in(request)
    report = access_report(user, pk)
    audit_record_now(action="serious.viewed", actor=user, subject=f"serious:{report.pk}", site_id=report.site_id)
    return _page(request, report)


@require_POST
def entry_write(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a measure, a note or a correction."""
    user = signed_in(request)
    report = access_report(user, pk, write=True)
    form = EntryForm(request.POST, known=harms_of(report))
    if form.is_valid():
        entry = Entry(report=report, **form.cleaned_data)
        try:
            entry_add(entry=entry, actor=user)
        except ValidationError as error:
            _refuse(form, error)
        else:
            messages.success(request, gettext("Written down. It cannot be changed; a correction is another entry."))
            return redirect("serious:report-detail", pk)
    return _page(request, report, entry=form)


@require_POST
def settle(request: HttpRequest, pk: int) -> HttpResponse:
    """Write down that somebody was told, need not be, or was not after all."""
    user = signed_in(request)
    report = access_report(user, pk, write=True)
    form = SettleForm(request.POST, report=report)
    if form.is_valid():
        given = {**form.cleaned_data, "kind": EntryKind(form.cleaned_data["kind"])}
        try:
            duty_settle(**given, actor=user)
        except ValidationError as error:
            _refuse(form, error)
        else:
            messages.success(request, gettext("Written down."))
            return redirect("serious:report-detail", pk)
    return _page(request, report, told=form)


@require_POST
def report_end(request: HttpRequest, pk: int) -> HttpResponse:
    """Close a report that somebody else filed."""
    user = signed_in(request)
    report = access_report(user, pk, write=True)
    form = CloseForm(request.POST)
    if form.is_valid():
        outcome, lessons = Outcome(form.cleaned_data["outcome"]), form.cleaned_data["lessons"]
        try:
            report_close(report=access_report(user, pk, write=True), outcome=outcome, lessons=lessons, actor=user)
        except ValidationError as error:
            _refuse(form, error)
        else:
            messages.success(request, gettext("Closed."))
            return redirect("serious:report-detail", pk)
    return _page(request, report, close=form)


def _refuse(form: "Form | ModelForm[Any]", error: ValidationError) -> None:
    """Show what a service refused beside the field it is about, or above the form."""
    told = error.message_dict if hasattr(error, "error_dict") else {None: error.messages}
    for name, words in told.items():
        form.add_error(name if name in form.fields else None, words)


def _page(
    request: HttpRequest,
    report: Report,
    *,
    entry: EntryForm | None = None,
    told: SettleForm | None = None,
    close: CloseForm | None = None,
) -> HttpResponse:
    user = signed_in(request)
    report = access_report(user, report.pk)  # as it is stored, whatever a refused form did to the one in hand
    now = timezone.now()
    (standing,) = standings([report], now)
    context = {
        "report": report,
        "standing": standing,
        "now": now,
        "may_write": user.has_role(*WRITES) and report.is_open,
        "is_own": report.filed_by_id == user.pk,
        "entry": entry or EntryForm(known=harms_of(report)),
        "told": told or SettleForm(report=report),
        "close": close or CloseForm(),
    }
    return render(request, "serious/report_detail.html", context, status=422 if entry or told or close else 200)
