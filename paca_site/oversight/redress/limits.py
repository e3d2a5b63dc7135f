"""How often one address may file or look up: enough for a person, too little for a machine that guesses."""

from django.conf import settings
from django.http import HttpRequest
from django_ratelimit.core import is_ratelimited


def address_of(group: str, request: HttpRequest) -> str:
    """Return the address that a request came from: the last hop that the proxy in front has seen, if there is one."""
    forwarded = request.headers.get("X-Forwarded-For", "") if settings.BEHIND_PROXY else ""
    return forwarded.rsplit(",", 1)[-1].strip() or str(request.META.get("REMOTE_ADDR", ""))


def is_too_often(request: HttpRequest, group: str, rate: str) -> bool:
    """Count this request, and return whether its address has now done the same more often than `rate` ("5/h").

    Counts are kept in Valkey, an hour long, under a hash of the address.
    """
    return bool(is_ratelimited(request, group=group, key=address_of, rate=rate, increment=True))
