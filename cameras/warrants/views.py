"""Releases under a warrant: the list, a request, one release with its next step, and the steps."""

import logging
from collections.abc import Callable
from typing import Any, Final

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cameras.exporting.services.exporting import may_export
from cameras.warrants.access import REQUESTS, SEES_RELEASES, access_release, visible_releases
from cameras.warrants.forms import ConfirmForm, HandOverForm, RequestForm
from cameras.warrants.models import FootageRelease, State
from cameras.warrants.orders import ENDINGS, OrderError, order_read
from cameras.warrants.pages import (
    release_history,
    release_rows,
    release_viewings,
    release_watched_s,
    state_counts,
    waits_for,
)
from cameras.warrants.services.deciding import (
    release_confirm,
    release_hand_over,
    release_refuse,
    release_withdraw,
)
from cameras.warrants.services.opening import release_open, sealed_files
from cameras.warrants.services.requesting import release_request
from cameras.warrants.standing import standing_against
from cameras.warrants.viewer_forms import OpenForm
from paca_site.accounts.access import role_required, signed_in
from paca_site.accounts.models import Role
from paca_site.accounts.proof import FRESH_S, ask_for_proof, has_fresh_proof
from paca_site.audit.services import audit_record_now

logger = logging.getLogger(__name__)
FORM_METHODS: Final = ["GET", "HEAD", "POST"]


@role_required(*SEES_RELEASES)
@require_safe
def release_list(request: HttpRequest) -> HttpResponse:
    """List the releases of the person's sites: those that wait for this person first."""
    user = signed_in(request)
    releases = visible_releases(user)
    rows = release_rows(releases, user)
    context = {
        "yours": [row for row in rows if row.is_yours],
        "waiting": [row for row in rows if row.waits_for and not row.is_yours],
        "over": [row for row in rows if not row.waits_for],
        "counts": state_counts(releases),
        "may_request": user.has_role(*REQUESTS),
    }
    return render(request, "warrants/release_list.html", context)


@role_required(*REQUESTS)
@require_http_methods(FORM_METHODS)
def release_add(request: HttpRequest) -> HttpResponse:
    """Ask for a release, with the order as a file."""
    user = signed_in(request)
    form = RequestForm(request.POST or None, request.FILES or None, user=user)
    if form.is_valid():
        try:
            release = release_request(
                release=form.save(commit=False), asked=form.asked(), order=form.cleaned_data["order"], actor=user
            )
        except ValidationError as error:
            form.add_error(None, ValidationError(error.messages))
        else:
            messages.success(
                request,
                gettext(
                    "Requested, and its minutes are held. Another person, a supervisor, now compares it with the order."
                ),
            )
            return redirect("warrants:release-detail", release.pk)
    return render(request, "warrants/release_add.html", {"form": form}, status=422 if form.errors else 200)


@require_safe
def release_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a release: what is asked, what happened, the next step and whose it is."""
    return _detail(request, access_release(signed_in(request), pk))


@require_safe
def release_order(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the order document to those who see the release; that it was read is recorded."""
    user = signed_in(request)
    release = access_release(user, pk)
    try:
        content = order_read(release.order_file, release.order_sha256)
    except OrderError as error:
        logger.error("release %s: %s", release.pk, error)
        return _detail(request, release, [str(error)], status=500)
    audit_record_now(action="warrant.order-read", actor=user, subject=f"warrant:{release.pk}", site_id=release.site_id)
    response = HttpResponse(content, content_type=release.order_type)
    # never shown on our own pages: what a PDF holds is not ours
    name = f"paca-release-{release.pk}-order.{ENDINGS[release.order_type]}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    return response


@require_POST
def release_check(request: HttpRequest, pk: int) -> HttpResponse:
    """Confirm a request against its order: a supervisor who did not request it."""
    user = signed_in(request)
    release = access_release(user, pk, decide=True)
    if user.role != Role.SUPERVISOR:
        raise Http404("No such release.")
    form = ConfirmForm(request.POST, zone=release.site.time_zone)
    if not form.is_valid():
        return _detail(request, release, confirm=form, status=422)
    return _take(
        request,
        release,
        lambda: release_confirm(release=release, actor=user, reading=form.reading()),
        gettext("Confirmed. A custodian now approves or refuses it."),
        confirm=form,
    )


@sensitive_post_parameters()
@never_cache
@require_http_methods(FORM_METHODS)
def release_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve a release, or refuse it: a custodian who has just proved again who they are."""
    user = signed_in(request)
    release = access_release(user, pk, decide=True)
    if user.role != Role.CUSTODIAN:
        raise Http404("No such release.")
    if request.method != "POST" and standing_against(user, release):
        return redirect("warrants:release-detail", pk)
    if not has_fresh_proof(request, user):
        return ask_for_proof(user, reverse("warrants:release-decide", args=[pk]))
    if request.POST.get("verdict") == "refuse":
        return _refuse(request, release)
    return _open(request, release) if release.viewer_id else _hand_over(request, release)


def _hand_over(request: HttpRequest, release: FootageRelease) -> HttpResponse:
    form = HandOverForm(request.POST or None, release=release)
    if form.is_valid():
        try:
            release_hand_over(
                release=release,
                actor=signed_in(request),
                files=form.given_files(),
                received_by=form.cleaned_data["received_by"],
                reason=form.cleaned_data["reason"],
            )
        except ValidationError as error:
            form.add_error(None, ValidationError(error.messages))
        else:
            messages.success(request, gettext("Recorded as handed over. The holds of this release ended."))
            return redirect("warrants:release-detail", release.pk)
    return _decide_page(request, release, form)


def _open(request: HttpRequest, release: FootageRelease) -> HttpResponse:
    form = OpenForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        try:
            code = release_open(
                release=release,
                actor=signed_in(request),
                proof=form.proof(),
                hours=form.cleaned_data["hours"],
                reason=form.cleaned_data["reason"],
                may_export=form.cleaned_data["may_export"],
            )
        except ValidationError as error:
            form.add_error(None, ValidationError(error.messages))
        else:
            # shown here and never again: a redirect would need a place to keep it
            again = access_release(signed_in(request), release.pk)
            address = request.build_absolute_uri(reverse("warrants:release-view", args=[release.pk]))
            context = {"release": again, "code": code, "address": address}
            return render(request, "warrants/release_opened.html", context)
    return _decide_page(request, release, form)


def _decide_page(request: HttpRequest, release: FootageRelease, form: HandOverForm | OpenForm) -> HttpResponse:
    context = {
        "release": release,
        "form": form,
        "minutes": FRESH_S // 60,
        "files": [(part, list(sealed_files(part))) for part in release.parts.all()],
    }
    return render(request, "warrants/release_decide.html", context, status=422 if form.errors else 200)


@require_POST
def release_turn_down(request: HttpRequest, pk: int) -> HttpResponse:
    """Refuse a request, with a reason: a supervisor who did not make it."""
    user = signed_in(request)
    release = access_release(user, pk, decide=True)
    if user.role != Role.SUPERVISOR:
        raise Http404("No such release.")
    return _refuse(request, release)


def _refuse(request: HttpRequest, release: FootageRelease) -> HttpResponse:
    user = signed_in(request)
    reason = request.POST.get("reason", "")
    return _take(
        request,
        release,
        lambda: release_refuse(release=release, actor=user, reason=reason),
        gettext("Refused. The holds of this release ended."),
    )


@require_POST
def release_take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Withdraw a request: who made it."""
    user = signed_in(request)
    release = access_release(user, pk, request=True)
    reason = request.POST.get("reason", "")
    return _take(
        request,
        release,
        lambda: release_withdraw(release=release, actor=user, reason=reason),
        gettext("Withdrawn. The holds of this release ended."),
    )


def _take(
    request: HttpRequest, release: FootageRelease, step: Callable[[], None], done: str, **forms: Any
) -> HttpResponse:
    try:
        step()
    except ValidationError as error:
        again = access_release(signed_in(request), release.pk)
        return _detail(request, again, error.messages, status=422, **forms)
    messages.success(request, done)
    return redirect("warrants:release-detail", release.pk)


def _detail(
    request: HttpRequest,
    release: FootageRelease,
    errors: list[str] | None = None,
    *,
    status: int = 200,
    confirm: ConfirmForm | None = None,
) -> HttpResponse:
    user = signed_in(request)
    against = standing_against(user, release) if release.is_waiting else ""
    context = {
        "release": release,
        "errors": errors or [],
        "waits_for": waits_for(release),
        "against": against if user.role in (Role.SUPERVISOR, Role.CUSTODIAN) else "",
        "may_confirm": not against and release.state == State.REQUESTED,
        "may_decide": not against and release.state == State.CONFIRMED,
        "may_end": release.is_open and (user.role == Role.CUSTODIAN or release.requested_by_id == user.pk),
        "may_withdraw": release.is_waiting and release.requested_by_id == user.pk and user.has_role(*REQUESTS),
        "confirm": confirm or ConfirmForm(zone=release.site.time_zone),
        "history": release_history(release),
        "watched": release_viewings(release),
        "watched_s": release_watched_s(release),
        "may_leave": may_export(release),
        "exports": list(release.exports.select_related("part__camera")),
        "given_reason": request.POST.get("reason", ""),
    }
    return render(request, "warrants/release_detail.html", context, status=status)
