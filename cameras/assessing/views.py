"""Assessments: how each site stands, one assessment to read, answer, submit, send back and sign."""

from collections.abc import Callable
from typing import Any, Final

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cameras.access import SEES_CONFIGURATION, visible_sites
from cameras.assessing.access import access_assessment, access_site_to_assess, visible_assessments
from cameras.assessing.answers import SheetItem, sections, sheet
from cameras.assessing.aspects import live_configurations
from cameras.assessing.models import Assessment
from cameras.assessing.pages import change_rows, entry_row, standing_rows
from cameras.assessing.services.answering import (
    AnswersRefused,
    Given,
    answers_save,
    assessment_return,
    assessment_sign,
    assessment_start,
    assessment_submit,
)
from paca_site.accounts.access import role_required, signed_in
from paca_site.accounts.models import Role

LONGEST_GIVEN: Final = 6000
"""Characters of one answer that are looked at: a little more than are allowed, so that too many are told."""


@role_required(*SEES_CONFIGURATION)
@require_safe
def standing_list(request: HttpRequest) -> HttpResponse:
    """Show for each site of the person which assessments hold, what changed, and what is open."""
    user = signed_in(request)
    rows = standing_rows(visible_sites(user))
    context = {"rows": rows, "may_answer": user.role == Role.ADMINISTRATOR}
    return render(request, "assessing/standing_list.html", context)


@require_POST
def assessment_begin(request: HttpRequest, pk: int, slug: str) -> HttpResponse:
    """Begin a draft of a site, or open the one that is there."""
    user = signed_in(request)
    site = access_site_to_assess(user, pk)
    try:
        draft = assessment_start(site=site, slug=slug, actor=user)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("assessing:standing-list")
    return redirect(
        "assessing:assessment-answer" if draft.state == "draft" else "assessing:assessment-detail", draft.pk
    )


@require_safe
def assessment_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show an assessment with its answers, what became stale, and what may be done."""
    return _detail(request, access_assessment(signed_in(request), pk))


@require_http_methods(["GET", "HEAD", "POST"])
def assessment_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer the questions of a draft, as many at a time as one likes."""
    user = signed_in(request)
    assessment = access_assessment(user, pk, answer=True)
    if assessment.state != "draft":
        return redirect("assessing:assessment-detail", pk)
    if request.method != "POST":
        return _sheet(request, assessment, {}, {})
    given = {key: _given(request, key) for key in assessment.questionnaire.questions}
    try:
        count = answers_save(assessment=assessment, given=given, actor=user)
    except AnswersRefused as error:
        return _sheet(request, assessment, given, error.errors)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("assessing:assessment-detail", pk)
    messages.success(
        request,
        ngettext("{count} answer stored.", "{count} answers stored.", count).format(count=count),
    )
    return redirect("assessing:assessment-detail" if "then" in request.POST else "assessing:assessment-answer", pk)


@require_POST
def assessment_hand_in(request: HttpRequest, pk: int) -> HttpResponse:
    """Submit a draft to the supervisors."""
    user = signed_in(request)
    assessment = access_assessment(user, pk, answer=True)
    return _write(
        request,
        assessment,
        lambda: assessment_submit(assessment=assessment, actor=user),
        gettext("Submitted. It holds once a supervisor has signed it."),
    )


@require_POST
def assessment_send_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a submitted assessment back, with a reason."""
    user = signed_in(request)
    assessment = access_assessment(user, pk, sign=True)
    return _write(
        request,
        assessment,
        lambda: assessment_return(assessment=assessment, actor=user, reason=request.POST.get("reason", "")),
        gettext("Sent back to the administrators."),
    )


@require_POST
def assessment_set_name(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign a submitted assessment; the box says that it was read."""
    user = signed_in(request)
    assessment = access_assessment(user, pk, sign=True)

    def sign() -> None:
        if request.POST.get("read") != "1":
            raise ValidationError(gettext("Tick the box to say that you have read all answers."))
        assessment_sign(assessment=assessment, actor=user)

    return _write(request, assessment, sign, gettext("Signed. It is in force from now on."))


def _given(request: HttpRequest, key: str) -> Given:
    revision = request.POST.get(f"{key}-revision", "")
    return Given(
        choice=request.POST.get(f"{key}-choice", "").strip()[:80],
        text=request.POST.get(f"{key}-text", "").replace("\r\n", "\n").strip()[:LONGEST_GIVEN],
        is_still_true=request.POST.get(f"{key}-still") == "1",
        revision=int(revision) if revision.isdecimal() and len(revision) < 9 else 0,
    )


def _write(request: HttpRequest, assessment: Assessment, action: Callable[[], None], done: str) -> HttpResponse:
    try:
        action()
    except ValidationError as error:
        return _detail(request, access_assessment(signed_in(request), assessment.pk), error.messages)
    messages.success(request, done)
    return redirect("assessing:assessment-detail", assessment.pk)


def _items(assessment: Assessment) -> list[SheetItem]:
    return sheet(assessment, live_configurations([assessment.site_id])[assessment.site_id])


def _detail(request: HttpRequest, assessment: Assessment, errors: list[str] | None = None) -> HttpResponse:
    user, items = signed_in(request), _items(assessment)
    context: dict[str, Any] = {
        "assessment": assessment,
        "sections": sections(assessment, items),
        "open_count": sum(not item.is_settled for item in items),
        "stale_count": sum(bool(item.stale) for item in items),
        "changes": change_rows(assessment),
        "others": [
            other for other in visible_assessments(user, assessment.site, assessment.slug) if other != assessment
        ],
        "may_answer": user.role == Role.ADMINISTRATOR and assessment.state == "draft",
        "may_sign": user.role == Role.SUPERVISOR and assessment.state == "submitted",
        "errors": errors or [],
        "given_reason": request.POST.get("reason", ""),
    }
    return render(request, "assessing/assessment_detail.html", context, status=422 if errors else 200)


def _sheet(
    request: HttpRequest, assessment: Assessment, given: dict[str, Given], errors: dict[str, str]
) -> HttpResponse:
    rows = [
        (title, [entry_row(item, given.get(item.key), errors.get(item.key, "")) for item in items])
        for title, items in sections(assessment, _items(assessment))
    ]
    context = {"assessment": assessment, "sections": rows, "errors": errors}
    return render(request, "assessing/assessment_answer.html", context, status=422 if errors else 200)
