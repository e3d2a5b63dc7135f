"""The course: how one stands, its pages, and the cases of this installation."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from alerts.training.access import own_certificates
from alerts.training.cases import cases, own_wrong_tests
from alerts.training.course import CHAPTERS, TITLE
from alerts.training.questions import ASKED, NAMED, PASS_MARK
from alerts.training.services.attempting import last_attempt, waits_until
from cameras.access import SEES_FOOTAGE
from paca_site.accounts.access import role_required, signed_in
from paca_site.accounts.local_time import zone_of
from paca_site.accounts.training.standing import standing_of


@require_safe
@role_required(*SEES_FOOTAGE)
def course_detail(request: HttpRequest) -> HttpResponse:
    """Show how the person stands, the pages of the course, and what to read again after an attempt that failed."""
    user = signed_in(request)
    last = last_attempt(user)
    missed = {NAMED[name].chapter for name in last.wrong if name in NAMED} if last else set()
    context = {
        "standing": standing_of(user),
        "course": TITLE,
        "chapters": [(number, chapter, number in missed) for number, chapter in enumerate(CHAPTERS, start=1)],
        "certificates": own_certificates(user),
        "last": last,
        "waits_until": waits_until(last),
        "asked": ASKED,
        "pass_mark": PASS_MARK,
        "zone": zone_of(user),
    }
    return render(request, "training/course_detail.html", context)


@require_safe
@role_required(*SEES_FOOTAGE)
def chapter_detail(request: HttpRequest, chapter: int) -> HttpResponse:
    """Show one page of the course."""
    if not 1 <= chapter <= len(CHAPTERS):
        raise Http404("No such page.")
    context = {
        "course": TITLE,
        "chapter": CHAPTERS[chapter - 1],
        "number": chapter,
        "count": len(CHAPTERS),
        "before": chapter - 1,
        "after": chapter + 1 if chapter < len(CHAPTERS) else 0,
    }
    return render(request, "training/chapter_detail.html", context)


@require_safe
@role_required(*SEES_FOOTAGE)
def case_list(request: HttpRequest) -> HttpResponse:
    """Show cases where the machine was wrong at the person's own sites; each picture is recorded as it is fetched."""
    user = signed_in(request)
    context = {"course": TITLE, "cases": cases(user), "tests": own_wrong_tests(user)}
    return render(request, "training/case_list.html", context)
