"""How django-allauth behaves here: nobody signs up, addresses are known behind a proxy, secrets are kept sealed."""

from typing import Any, Final

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from paca_site.accounts.client_address import client_address
from paca_site.sealing import open_text, seal_text

SECOND_FACTOR: Final = "second factor"
WAYS: Final = {
    "mfa_reauthenticate:webauthn": _("Use a passkey"),
    "mfa_reauthenticate": _("Use a code of the authenticator app, or a recovery code"),
    "reauthenticate": _("Use the password"),
}
"""How somebody proves again who they are, and what the way there is called."""


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Closed house: accounts are made by `manage.py`, not by visitors."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Refuse sign-up."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the address that sign-ins are counted by."""
        return client_address(request)

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """Return the ways to prove again who one is, in our words."""
        return [{**way, "description": WAYS[way["id"]]} for way in super().get_reauthentication_methods(user)]


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth ships no types
    """What codes are made from does not stand in the database as it is."""

    def encrypt(self, text: str) -> str:
        """Seal a secret for the database."""
        return seal_text(text, SECOND_FACTOR)

    def decrypt(self, encrypted_text: str) -> str:
        """Open it again."""
        return open_text(encrypted_text, SECOND_FACTOR)

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Return for whom a passkey is: the host name of this request, which Django has checked."""
        return {**super().get_public_key_credential_rp_entity(), "name": "PACA"}

    def get_public_key_credential_user_entity(self, user: Any) -> dict[str, Any]:
        """Return whose a passkey is, as their device names it: the sign-in name."""
        return {**super().get_public_key_credential_user_entity(user), "name": user.username}

    def generate_authenticator_name(self, user: Any, type: Any) -> str:
        """Return what a passkey is called that nobody named."""
        return gettext("Passkey")
