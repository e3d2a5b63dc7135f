"""Invitations: the list, a new one, one of them with its next step; and the page that a link opens."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cameras.inviting.access import (
    LETS_IN,
    SEES_INVITATIONS,
    access_invitation,
    access_invitation_by_link,
    visible_invitations,
)
from cameras.inviting.forms import InvitationForm, TakeForm
from cameras.inviting.models import Invitation
from cameras.inviting.sending import invitation_send
from cameras.inviting.services import (
    against_confirming,
    against_taking,
    invitation_confirm,
    invitation_make,
    invitation_revoke,
    invitation_take,
)
from paca_site.accounts.access import role_required, signed_in
from paca_site.accounts.models import Role
from paca_site.accounts.proof import ask_for_proof, has_fresh_proof

SHOWN = 50


@role_required(*SEES_INVITATIONS)
@require_safe
def invitation_list(request: HttpRequest) -> HttpResponse:
    """List the invitations to the person's sites, newest first."""
    user = signed_in(request)
    pages = Paginator(visible_invitations(user), SHOWN)
    context = {"invitations": pages.get_page(request.GET.get("page")), "may_invite": user.has_role(Role.ADMINISTRATOR)}
    return render(request, "inviting/invitation_list.html", context)


@role_required(Role.ADMINISTRATOR)
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def invitation_add(request: HttpRequest) -> HttpResponse:
    """Invite somebody, after proving again who one is; the link is sent, or shown on the answer, this once."""
    user = signed_in(request)
    if not has_fresh_proof(request, user):
        return ask_for_proof(user, reverse("inviting:invitation-add"))
    can_send = bool(settings.EMAIL_HOST)
    form = InvitationForm(request.POST or None, user=user, can_send=can_send)
    if form.is_valid():
        invitation = form.invitation()
        try:
            token = invitation_make(invitation=invitation, sites=list(form.cleaned_data["sites"]), actor=user)
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            return _link(request, invitation, token)
    return render(request, "inviting/invitation_form.html", {"form": form}, status=422 if form.errors else 200)


def _link(request: HttpRequest, invitation: Invitation, token: str) -> HttpResponse:
    link = request.build_absolute_uri(reverse("inviting:invitation-open", args=[token]))
    if invitation_send(invitation, link):
        messages.success(request, gettext("Sent to {email}.").format(email=invitation.email))
        return redirect("inviting:invitation-detail", invitation.pk)
    context = {"invitation": invitation, "link": link, "unsent": bool(settings.EMAIL_HOST and invitation.email)}
    return render(request, "inviting/invitation_link.html", context)


@require_safe
def invitation_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show an invitation, and what its next step is."""
    return _detail(request, access_invitation(signed_in(request), pk))


def _detail(request: HttpRequest, invitation: Invitation, **failed: Any) -> HttpResponse:
    user = signed_in(request)
    context = {
        "invitation": invitation,
        "may_act": user.has_role(*LETS_IN),
        "against": against_confirming(invitation, user),
        **failed,
    }
    return render(request, "inviting/invitation_detail.html", context, status=422 if failed else 200)


@require_POST
def invitation_let_in(request: HttpRequest, pk: int) -> HttpResponse:
    """Let the person in, after proving again who one is: nobody who invited them."""
    user = signed_in(request)
    invitation = access_invitation(user, pk, write=True)
    if not has_fresh_proof(request, user):
        return ask_for_proof(user, reverse("inviting:invitation-detail", args=[pk]))
    try:
        person = invitation_confirm(invitation=invitation, actor=user)
    except ValidationError as error:
        return _detail(request, invitation, errors=error.messages)
    messages.success(request, gettext("{person} can sign in now.").format(person=person))
    return redirect("inviting:invitation-detail", pk)


@require_POST
def invitation_end(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an invitation back, or refuse who took it."""
    user = signed_in(request)
    invitation = access_invitation(user, pk, write=True)
    reason = request.POST.get("reason", "")
    try:
        invitation_revoke(invitation=invitation, actor=user, reason=reason)
    except ValidationError as error:
        return _detail(request, invitation, revoke_errors=error.messages, given=reason)
    messages.success(request, gettext("Revoked: the link opens nothing any more."))
    return redirect("inviting:invitation-detail", pk)


@login_not_required
@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation_open(request: HttpRequest, token: str) -> HttpResponse:
    """Let the invited person choose name and password; opening the page alone uses nothing up."""
    invitation = access_invitation_by_link(token)
    if request.user.is_authenticated:  # a colleague's browser, or the inviter's own
        return render(request, "inviting/invitation_signed_in.html", status=403)
    if reason := against_taking(invitation):
        return render(request, "inviting/invitation_over.html", {"reason": reason}, status=410)
    form = TakeForm(request.POST or None)
    if form.is_valid():
        try:
            invitation_take(
                invitation=invitation,
                username=form.cleaned_data["username"],
                full_name=form.cleaned_data["full_name"],
                password=form.cleaned_data["password1"],
            )
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            return render(request, "inviting/invitation_taken.html", {"username": form.cleaned_data["username"]})
    context = {"form": form, "invitation": invitation}
    return render(request, "inviting/invitation_open.html", context, status=422 if form.errors else 200)
