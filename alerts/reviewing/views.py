"""Second reviews: what waits, one review without the first decision, then with it, and the end of a disagreement."""

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from alerts.desk import clip_context, view_token
from alerts.forms import DecisionForm
from alerts.life import DESK_ROLES
from alerts.models import DismissReason
from alerts.reviewing import access
from alerts.reviewing.forms import FindingForm
from alerts.reviewing.models import Review, ReviewState
from alerts.reviewing.services.answering import AlreadyReviewed, disagreement_settle, review_give, review_viewed
from paca_site.accounts.access import role_required, signed_in
from paca_site.accounts.models import Role, User

MOST = 100
LAST = 30


@require_safe
@role_required(*DESK_ROLES)
def review_list(request: HttpRequest) -> HttpResponse:
    """Show what a person may review, what they settle, and what they were part of."""
    user = signed_in(request)
    mine = access.reviewable(user)
    context = {
        "mine": mine[:MOST],
        "mine_total": mine.count(),
        "waiting_total": access.waiting_reviews(user).count(),
        "disagreements": access.disagreements(user)[:MOST],
        "of_own": access.disagreements_of_own(user),
        "given": access.given_reviews(user)[:LAST],
        "is_supervisor": user.has_role(Role.SUPERVISOR),
    }
    return render(request, "reviewing/review_list.html", context)


@require_safe
def review_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a review: the clip and the form while it waits, both answers once it is given."""
    user = signed_in(request)
    return _page(request, access.access_review(user, pk), user)


@require_POST
def review_give_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Store the second person's answer, then show both; refusals keep what was written."""
    user = signed_in(request)
    review = access.access_review_to_give(user, pk)
    form = DecisionForm(request.POST)
    if not form.is_valid():
        return _page(request, review, user, form=form, status=422)
    try:
        review_give(review=review, actor=user, choice=form.choice())
    except ValidationError as error:
        form.add_error(None, error.messages)
        return _page(request, review, user, form=form, status=422)
    except AlreadyReviewed:
        messages.warning(request, _("Somebody else was first, or you know this alert by now. Yours was not stored."))
        return redirect("reviewing:review-list")
    if review.state == ReviewState.AGREED:
        messages.success(request, _("Stored. Both of you said the same."))
    else:
        messages.success(request, _("Stored. The first decision was another one; a supervisor settles it."))
    return redirect("reviewing:review-detail", pk=pk)


@require_POST
def disagreement_settle_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Store what a disagreement comes to."""
    user = signed_in(request)
    review = access.access_disagreement(user, pk)
    form = FindingForm(request.POST)
    if not form.is_valid():
        return _page(request, review, user, finding_form=form, status=422)
    try:
        disagreement_settle(
            review=review, actor=user, finding=form.cleaned_data["finding"], note=form.cleaned_data["note"]
        )
    except ValidationError as error:
        form.add_error(None, error)
        return _page(request, review, user, finding_form=form, status=422)
    except AlreadyReviewed:
        messages.warning(request, _("Another supervisor was first. Yours was not stored."))
        return redirect("reviewing:review-detail", pk=pk)
    messages.success(request, _("Stored. Both people read it; the alert's own decision stays as it is."))
    return redirect("reviewing:review-detail", pk=pk)


def _page(
    request: HttpRequest,
    review: Review,
    user: User,
    *,
    form: DecisionForm | None = None,
    finding_form: FindingForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """Show a review. Audit: `review.viewed`. The curve and the severity tell of the confidence, so neither is here."""
    review_viewed(review=review, actor=user)
    may_settle = access.disagreements(user).filter(pk=review.pk).exists()
    token = view_token(user, review.alert, uuid.uuid4())
    context: dict[str, Any] = {
        **clip_context(user, review.alert, token),
        "curve": None,
        "is_clip_growing": False,
        "review": review,
        "is_waiting": review.state == ReviewState.WAITING,
        "reasons": DismissReason.choices,
        "form": form,
        "finding_form": finding_form or (FindingForm() if may_settle else None),
        "is_second": review.by_id == user.pk,
        "is_first": review.first_by_id == user.pk,
        "may_open_alert": review.state != ReviewState.WAITING,
    }
    return render(request, "reviewing/review_detail.html", context, status=status)
