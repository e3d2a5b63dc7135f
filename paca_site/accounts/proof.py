"""Whether a person has just proved again who they are: a session left open approves nothing."""

import time
from collections.abc import Iterable
from typing import Final
from urllib.parse import urlencode

from allauth.account.authentication import get_authentication_records
from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext

from paca_site.accounts.models import User
from paca_site.accounts.passkeys import has_passkey

FRESH_S: Final = 300
"""Seconds for which a proof counts."""
SECOND_FACTOR, PASSWORD = "mfa", "password"


def needed_proof(user: User) -> str:
    """Return what a person has to give anew: the second factor; the password only where they have no factor.

    Outside the demo nobody works without a second factor (`REQUIRE_SECOND_FACTOR`).
    """
    return SECOND_FACTOR if is_mfa_enabled(user) else PASSWORD


def has_fresh_proof(request: HttpRequest, user: User) -> bool:
    """Return whether the needed proof was given anew within the last `FRESH_S` seconds; signing in is not enough."""
    needed, now = needed_proof(user), time.time()
    return any(
        record.get("method") == needed
        and record.get("reauthenticated") is True
        and 0 <= now - float(record.get("at", 0)) < FRESH_S
        for record in get_authentication_records(request, user)
    )


def ask_for_proof(user: User, address: str) -> HttpResponseRedirect:
    """Return the way to the page that asks for the proof and then leads to `address`: for a passkey where there is one.

    Each of these pages leads to the other ways too.
    """
    of_factor = "mfa_reauthenticate_webauthn" if has_passkey(user) else "mfa_reauthenticate"
    page = of_factor if needed_proof(user) == SECOND_FACTOR else "account_reauthenticate"
    return HttpResponseRedirect(f"{reverse(page)}?{urlencode({'next': address})}")


def ask_again_after_proof(
    request: HttpRequest, user: User, page: str, narrowed_by: Iterable[str]
) -> HttpResponseRedirect:
    """As `ask_for_proof`, for what a form asked for: it leads back to its page, narrowed as it was.

    Args:
        request: the form's.
        user: who asks.
        page: name of the page that the form stands on.
        narrowed_by: fields of the form that narrow the page.
    """
    messages.info(request, gettext("Prove again who you are; then ask for the file once more."))
    kept = {name: request.POST[name] for name in narrowed_by if request.POST.get(name)}
    return ask_for_proof(user, f"{reverse(page)}?{urlencode(kept)}" if kept else reverse(page))
