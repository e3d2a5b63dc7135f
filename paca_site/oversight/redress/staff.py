"""Redress for those who work on it: supervisors answer, auditors read."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from paca_site.accounts.access import role_required, signed_in
from paca_site.accounts.models import Role
from paca_site.audit.services import audit_record_now
from paca_site.oversight.redress.access import WRITES, access_complaint, visible_complaints
from paca_site.oversight.redress.forms import AnswerForm, WorkForm
from paca_site.oversight.redress.models import Complaint, Outcome
from paca_site.oversight.redress.sealing import SealBrokenError, unseal
from paca_site.oversight.redress.services.answering import complaint_answer, complaint_work_on

ANSWERED_SHOWN = 100


@role_required(Role.SUPERVISOR, Role.AUDITOR)
@require_safe
def complaint_list(request: HttpRequest) -> HttpResponse:
    """List what waits, the most urgent first, and what was answered lately."""
    complaints, now = visible_complaints(signed_in(request)), timezone.now()
    waiting = list(complaints.open())
    context = {
        "waiting": waiting,
        "overdue": sum(complaint.is_overdue(now) for complaint in waiting),
        "answered": complaints.exclude(answered_at=None).order_by("-answered_at")[:ANSWERED_SHOWN],
        "now": now,
    }
    return render(request, "redress/complaint_list.html", context)


@require_safe
def complaint_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a complaint; each look is recorded, as it tells of a person."""
    user = signed_in(request)
    complaint = access_complaint(user, pk)
    audit_record_now(
        action="redress.viewed",
        actor=user,
        subject=f"complaint:{complaint.pk}",
        site_id=complaint.site_id,
        details={"reference": complaint.reference},
    )
    return _page(request, complaint, WorkForm(instance=complaint), AnswerForm())


@require_POST
def complaint_work(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep findings and links."""
    user = signed_in(request)
    complaint = access_complaint(user, pk, write=True)
    form = WorkForm(request.POST, instance=access_complaint(user, pk, write=True))
    if form.is_valid():
        try:
            complaint_work_on(
                complaint=complaint,
                cameras=list(form.cleaned_data["cameras"]),
                alert_ids=form.cleaned_data["alerts"],
                note=form.cleaned_data["note"],
                actor=user,
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, gettext("Kept."))
            return redirect("redress:complaint-detail", pk)
    return _page(request, complaint, form, AnswerForm(), status=422)


@require_POST
def complaint_reply(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer a complaint, once."""
    user = signed_in(request)
    complaint = access_complaint(user, pk, write=True)
    form = AnswerForm(request.POST)
    if form.is_valid():
        try:
            complaint_answer(
                complaint=access_complaint(user, pk, write=True),
                outcome=Outcome(form.cleaned_data["outcome"]),
                answer=form.cleaned_data["answer"],
                actor=user,
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(
                request,
                gettext("Answered. Whoever holds the secret of {reference} can read it now.").format(
                    reference=complaint.reference
                ),
            )
            return redirect("redress:complaint-list")
    return _page(request, complaint, WorkForm(instance=complaint), form, status=422)


def _page(
    request: HttpRequest, complaint: Complaint, work: WorkForm, answer: AnswerForm, status: int = 200
) -> HttpResponse:
    may_write = signed_in(request).has_role(*WRITES)
    try:
        contact, contact_fault = (unseal(complaint.sealed_contact) if may_write else ""), ""
    except SealBrokenError as error:
        contact, contact_fault = "", str(error)
    context = {
        "complaint": complaint,
        "work": work,
        "reply": answer,
        "may_write": may_write,
        "contact": contact,
        "contact_fault": contact_fault,
        "has_contact": bool(complaint.sealed_contact),
        "is_overdue": complaint.is_overdue(timezone.now()),
    }
    return render(request, "redress/complaint_detail.html", context, status=status)
