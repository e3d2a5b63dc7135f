"""The quiz at the end of the course."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from alerts.training.course import TITLE
from alerts.training.questions import PASS_MARK
from alerts.training.services.attempting import attempt_mark, last_attempt, waits_until
from alerts.training.sheet import Sheet, new_sheet, sheet_of_token
from cameras.access import SEES_FOOTAGE
from paca_site.accounts.access import role_required, signed_in
from paca_site.accounts.local_time import zone_of


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(*SEES_FOOTAGE)
def quiz_answer(request: HttpRequest) -> HttpResponse:
    """Show a sheet of questions, or mark what is sent; what is not complete keeps its answers."""
    user = signed_in(request)
    if request.method != "POST":
        sheet, token = new_sheet(user)
        return _page(request, sheet, token, {})
    token = request.POST.get("sheet", "")
    shown = sheet_of_token(token, user)
    if shown is None:
        sheet, token = new_sheet(user)
        said = gettext("These questions are not yours, or more than 12 hours old. Here are new ones.")
        return _page(request, sheet, token, {}, [said])
    given = _given(request, shown)
    try:
        attempt = attempt_mark(sheet=shown, actor=user, given=given)
    except ValidationError as error:
        return _page(request, shown, token, given, error.messages)
    told = {"right": attempt.right, "count": attempt.count}
    if attempt.is_passed:
        messages.success(request, gettext("Passed: {right} of {count} are right.").format(**told))
    else:
        messages.warning(request, gettext("Not passed: {right} of {count} are right.").format(**told))
    return redirect("training:course-detail")


def _given(request: HttpRequest, sheet: Sheet) -> dict[str, int]:
    """Return the place of each chosen answer; what is no place of the sheet counts as not answered."""
    places = {str(place): place for place in range(3)}
    chosen = ((asked.question.name, request.POST.get(asked.field, "")) for asked in sheet.asked)
    return {name: places[value] for name, value in chosen if value in places}


def _page(
    request: HttpRequest, sheet: Sheet, token: str, given: dict[str, int], errors: list[str] | None = None
) -> HttpResponse:
    user = signed_in(request)
    rows = [
        {
            "field": asked.field,
            "words": asked.question.words,
            "answers": asked.answers,
            "given": given.get(asked.question.name),
            "is_open": bool(errors) and bool(given) and asked.question.name not in given,
        }
        for asked in sheet.asked
    ]
    context = {
        "course": TITLE,
        "rows": rows,
        "token": token,
        "errors": errors,
        "pass_mark": PASS_MARK,
        "count": len(rows),
        "waits_until": waits_until(last_attempt(user)),
        "zone": zone_of(user),
    }
    return render(request, "training/quiz_answer.html", context, status=422 if errors else 200)
