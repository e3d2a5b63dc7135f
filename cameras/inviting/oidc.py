"""Signing in through an identity provider: only who has an account here, or an invitation, comes in.

The provider says who somebody is and nothing else: no role, no site, no second factor. What is kept is a hash of issuer
and subject, so that another issuer's subjects are other people, and no name or address of the provider's.

Source: OpenID Connect Core 1.0 (code flow), RFC 7636 (PKCE), RFC 9700 (OAuth 2.0 security).
"""

import hashlib
import re
import time
from typing import Any, Final

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialLogin
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext

from cameras.inviting.models import Invitation
from cameras.inviting.services import against_taking, invitation_take
from paca_site.accounts.access import signed_in
from paca_site.accounts.models import User
from paca_site.audit.services import audit_record, audit_record_now

LINKING: Final = "oidc_linking_since"
"""In the session of somebody who has just proved who they are and wants the provider linked to their account."""
LINKING_S: Final = 300


class ProviderClient(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]  # allauth ships no types
    """Speaks with the provider, and believes of its answers only what must agree."""

    def complete_login(self, request: HttpRequest, app: Any, token: Any, **kwargs: Any) -> SocialLogin:
        """Return who the provider says it is.

        Raises:
            OAuth2Error: there is no ID token, or it speaks of somebody else than the user information.
        """
        login = super().complete_login(request, app, token, **kwargs)
        told = login.account.extra_data
        id_token, userinfo = told.get("id_token"), told.get("userinfo")
        if not id_token or (userinfo and userinfo.get("sub") != id_token["sub"]):
            raise OAuth2Error("The provider's answers speak of two people.")
        login.account.uid = hashlib.sha256(f"{id_token['iss']} {id_token['sub']}".encode()).hexdigest()
        login.account.extra_data = {}
        return login


class ProviderAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Who comes in through the provider."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """Nobody signs up; invitations are taken in `pre_social_login`."""
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Let people with an account pass; make one for who is invited; send everybody else back to the door."""
        process = sociallogin.state.get("process") or "login"
        if process == "connect":
            since = request.session.pop(LINKING, 0)
            if not request.user.is_authenticated or not 0 <= time.time() - since < LINKING_S:
                words = gettext("It was not linked: that took too long. Try again.")
                raise ImmediateHttpResponse(back(request, words))
            raise ImmediateHttpResponse(_link(request, sociallogin))
        if process != "login":
            raise ImmediateHttpResponse(redirect("home"))
        if sociallogin.is_existing:
            waits = Invitation.objects.filter(taken_by=sociallogin.user, confirmed_at=None, revoked_at=None)
            if not sociallogin.user.is_active and waits.exists():
                raise ImmediateHttpResponse(_waiting(request, sociallogin.user))
            return
        invitation = invitation_for([each.email for each in sociallogin.email_addresses if each.verified is True])
        if invitation is not None:
            raise ImmediateHttpResponse(_waiting(request, provider_take(invitation, sociallogin)))
        details = {"username": "unknown", "by": "identity provider"}
        audit_record_now(action="account.sign-in-failed", actor=None, details=details)
        words = gettext("Nobody here has this account of {provider}. Ask an administrator to invite you.")
        raise ImmediateHttpResponse(back(request, words.format(provider=settings.OIDC.name)))

    def on_authentication_error(self, request: HttpRequest, provider: Any, **kwargs: Any) -> None:
        """Say at the door that nothing came of it."""
        words = gettext("Nothing came of signing in through {provider}. Try again.")
        raise ImmediateHttpResponse(back(request, words.format(provider=settings.OIDC.name)))


def back(request: HttpRequest, words: str) -> HttpResponse:
    """Say what went wrong; the way to the door is the first page, as no sign-in should lead back to a used answer."""
    messages.error(request, words)
    return redirect("mfa_index" if request.user.is_authenticated else "home")


def _link(request: HttpRequest, sociallogin: SocialLogin) -> HttpResponse:
    if not sociallogin.is_existing:
        provider_link(user=signed_in(request), account=sociallogin.account)
        messages.success(request, gettext("Linked."))
    elif sociallogin.user == request.user:
        messages.info(request, gettext("It is linked already."))
    else:
        messages.error(request, gettext("It is linked to somebody else's account here."))
    return redirect("mfa_index")


def _waiting(request: HttpRequest, user: User) -> HttpResponse:
    context = {"username": user.username, "provider": settings.OIDC.name}
    return render(request, "inviting/invitation_taken.html", context)


def invitation_for(emails: list[str]) -> Invitation | None:
    """Return the newest invitation that opens for one of these verified addresses."""
    for email in emails:
        found = Invitation.objects.filter(email__iexact=email, taken_at=None, expires_at__gt=timezone.now())
        for invitation in found.select_related("made_by"):
            if email and not against_taking(invitation):
                return invitation
    return None


@transaction.atomic
def provider_take(invitation: Invitation, sociallogin: SocialLogin) -> User:
    """Make the account that was invited for whom the provider vouches for; somebody else still lets them in.

    Audit: `account.created`, `account.provider-linked`.
    """
    suggested = sociallogin.user
    full_name = f"{suggested.first_name} {suggested.last_name}".strip() or invitation.for_whom
    username = _free_name(suggested.username or suggested.email.partition("@")[0])
    user = invitation_take(invitation=invitation, username=username, full_name=full_name[:150], password=None)
    sociallogin.account.user = user
    sociallogin.account.save()
    provider_record("provider-linked", user, actor=None)
    return user


def _free_name(wanted: str) -> str:
    name = re.sub(r"[^\w.@+-]", "", wanted)[:120] or "person"
    taken = set(User.objects.filter(username__istartswith=name).values_list("username", flat=True))
    return next(each for each in (name, *(f"{name}{number}" for number in range(2, 10_000))) if each not in taken)


def provider_record(change: str, user: User, *, actor: User | None) -> None:
    """Write into the trail that a person's account at the provider was linked or unlinked."""
    details = {"kind": "identity provider"}
    audit_record(action=f"account.{change}", actor=actor, subject=f"user:{user.pk}", details=details)


@transaction.atomic
def provider_link(*, user: User, account: SocialAccount) -> None:
    """Let a person's account at the provider open theirs here. Audit: `account.provider-linked`."""
    account.user = user
    account.save()
    provider_record("provider-linked", user, actor=user)


@transaction.atomic
def provider_unlink(*, user: User) -> bool:
    """Forget the link of a person; return whether there was one. Audit: `account.provider-unlinked`."""
    gone, _ = SocialAccount.objects.filter(user=user).delete()
    if gone:
        provider_record("provider-unlinked", user, actor=user)
    return bool(gone)
