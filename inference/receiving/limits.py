"""How often one address may try a code: enough for a person with a sheet of paper, too little for a machine."""

from typing import Final

from django.conf import settings
from django.http import HttpRequest
from django_ratelimit.core import is_ratelimited

RATE: Final = "30/h"


def _address(group: str, request: HttpRequest) -> str:
    forwarded = request.headers.get("X-Forwarded-For", "") if settings.BEHIND_PROXY else ""
    return forwarded.rsplit(",", 1)[-1].strip() or str(request.META.get("REMOTE_ADDR", ""))


def is_too_often(request: HttpRequest) -> bool:
    """Count this try, and return whether its address has now tried too often."""
    return bool(is_ratelimited(request, group="box-enrol", key=_address, rate=RATE, increment=True))
