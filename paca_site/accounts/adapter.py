"""How django-allauth behaves here: nobody signs up, addresses are known behind a proxy, secrets are kept sealed."""

from typing import Final

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.http import HttpRequest

from paca_site.accounts.client_address import client_address
from paca_site.sealing import open_text, seal_text

SECOND_FACTOR: Final = "second factor"


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Closed house: accounts are made by `manage.py`, not by visitors."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Refuse sign-up."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the address that sign-ins are counted by."""
        return client_address(request)


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth ships no types
    """What codes are made from does not stand in the database as it is."""

    def encrypt(self, text: str) -> str:
        """Seal a secret for the database."""
        return seal_text(text, SECOND_FACTOR)

    def decrypt(self, encrypted_text: str) -> str:
        """Open it again."""
        return open_text(encrypted_text, SECOND_FACTOR)
