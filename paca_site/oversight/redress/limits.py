"""How often one address may file or look up: enough for a person, too little for a machine that guesses."""

from django.http import HttpRequest
from django_ratelimit.core import is_ratelimited

from paca_site.accounts.client_address import counted_address


def is_too_often(request: HttpRequest, group: str, rate: str) -> bool:
    """Count this request, and return whether its address has now done the same more often than `rate` ("5/h").

    Counts are kept in Valkey, an hour long, under a hash of the address.
    """
    return bool(is_ratelimited(request, group=group, key=counted_address, rate=rate, increment=True))
