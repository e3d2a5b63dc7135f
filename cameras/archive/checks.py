"""What is wrong with how the archive is set up; told at start."""

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, register

LOOPBACK: Final = {"localhost", "127.0.0.1", "::1"}


@register("archive")
def check_archive(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Refuse an archive whose address sends recordings in the clear, or parts of one without a bucket."""
    endpoint = settings.ARCHIVE_ENDPOINT
    if not settings.ARCHIVE_BUCKET:
        if not endpoint:
            return []
        words = f"PACA_ARCHIVE_ENDPOINT is set ({endpoint}) and PACA_ARCHIVE_BUCKET is not: nothing would be archived."
        return [Error(words, hint="Set both, or neither (docs/operations.md).", id="paca.E005")]
    parts = urlsplit(endpoint)
    if endpoint and parts.scheme != "https" and parts.hostname not in LOOPBACK:
        words = (
            f"PACA_ARCHIVE_ENDPOINT must begin with https://, as recordings would travel in the clear; got {endpoint}."
        )
        return [Error(words, hint="Only an address of this machine may begin with http://.", id="paca.E006")]
    return []
