"""The pages of the identity provider: to it, back from it, linking one's account to it, and unlinking."""

import logging
import time
from collections.abc import Callable
from typing import Final

from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django_ratelimit.core import is_ratelimited
from requests import RequestException

from cameras.inviting.oidc import LINKING, ProviderClient, back, provider_unlink
from paca_site.accounts.access import signed_in
from paca_site.accounts.client_address import counted_address
from paca_site.accounts.passkeys import has_passkey
from paca_site.accounts.proof import ask_for_proof, has_fresh_proof
from paca_site.identity_provider import PROVIDER_ID

logger = logging.getLogger(__name__)
Step = Callable[[ProviderClient], Callable[[HttpRequest], HttpResponse]]
RATE: Final = "60/m"
"""From one address, over all processes: there and back are two."""


def _through(request: HttpRequest, step: Step) -> HttpResponse:
    if not settings.OIDC.url:
        raise Http404("No identity provider.")
    if is_ratelimited(request, group="oidc", key=counted_address, rate=RATE, increment=True):
        return HttpResponse(gettext("Too many tries from here. Wait a minute."), status=429)
    try:
        return step(ProviderClient(request, PROVIDER_ID))(request)
    except RequestException as error:
        logger.error("the identity provider %s does not answer: %s", settings.OIDC.url, type(error).__name__)
        words = gettext("{provider} does not answer. Sign in with password or passkey, or try again.")
        return back(request, words.format(provider=settings.OIDC.name))


@login_not_required
@never_cache
@require_safe
def oidc_start(request: HttpRequest) -> HttpResponse:
    """Lead to the provider."""
    return _through(request, OAuth2LoginView.adapter_view)


@login_not_required
@never_cache
@require_safe
def oidc_callback(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Take the provider's answer."""
    if provider_id != PROVIDER_ID:
        raise Http404("No such identity provider.")
    return _through(request, OAuth2CallbackView.adapter_view)


@require_POST
def oidc_link(request: HttpRequest) -> HttpResponse:
    """Begin to link the person's account at the provider, after a fresh proof.

    The answer is a page with a link, as browsers hold a form that leads to another site against `form-action`.
    """
    user = signed_in(request)
    if not settings.OIDC.url:
        raise Http404("No identity provider.")
    if not has_fresh_proof(request, user):
        return ask_for_proof(user, reverse("mfa_index"))
    request.session[LINKING] = int(time.time())
    return render(request, "inviting/oidc_link.html")


@require_POST
def oidc_unlink(request: HttpRequest) -> HttpResponse:
    """Unlink it, after a fresh proof, where there is another way in."""
    user = signed_in(request)
    if not settings.OIDC.url:
        raise Http404("No identity provider.")
    if not has_fresh_proof(request, user):
        return ask_for_proof(user, reverse("mfa_index"))
    if not user.has_usable_password() and not has_passkey(user):
        messages.error(request, gettext("It is your only way in. Add a passkey first."))
    elif provider_unlink(user=user):
        messages.success(request, gettext("Unlinked."))
    return redirect("mfa_index")
