"""Which address a request comes from: what failures and requests are counted by."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """Return the address that a request came from, empty where none is known (a unix socket).

    Behind a proxy (`PACA_BEHIND_PROXY`) that is the last one in `X-Forwarded-For`, which the proxy has seen itself;
    the others are what a client claims. Without this all people behind a proxy would be one.
    """
    forwarded = request.headers.get("X-Forwarded-For", "") if settings.BEHIND_PROXY else ""
    for given in (forwarded.rsplit(",", 1)[-1].strip(), str(request.META.get("REMOTE_ADDR") or "")):
        try:
            return str(ipaddress.ip_address(given))
        except ValueError:
            continue
    return ""


def counted_address(group: str, request: HttpRequest) -> str:
    """Return the same as a key for django-ratelimit."""
    return client_address(request)


def axes_address(request: HttpRequest) -> str | None:
    """Return the same for django-axes, which keeps nothing where there is none."""
    return client_address(request) or None
