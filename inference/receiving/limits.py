"""How often one address may try a code: enough for a person with a sheet of paper, too little for a machine."""

from typing import Final

from django.http import HttpRequest
from django_ratelimit.core import is_ratelimited

from paca_site.accounts.client_address import counted_address

RATE: Final = "30/h"


def is_too_often(request: HttpRequest) -> bool:
    """Count this try, and return whether its address has now tried too often."""
    return bool(is_ratelimited(request, group="box-enrol", key=counted_address, rate=RATE, increment=True))
