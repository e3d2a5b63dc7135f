"""System checks: wrong combinations of settings, each with an id and a hint."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register


@register(Tags.database)
def check_services(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Say plainly that no database or broker is known, instead of a connection error later."""
    if settings.HAS_SERVICES:
        return []
    return [
        Error(
            "No database and broker are known: DATABASE_URL and REDIS_URL are empty and no `make run` is active.",
            hint="Start PACA with `make run`, or set both variables (docs/settings.md).",
            id="paca.E001",
        )
    ]


@register(Tags.security, deploy=True)
def check_second_factor(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Warn where people sign in with a password alone."""
    if settings.REQUIRE_SECOND_FACTOR:
        return []
    return [
        Warning(
            "Sign-in needs no second factor.",
            hint="Unset PACA_DEMO or set PACA_REQUIRE_SECOND_FACTOR=1.",
            id="paca.W001",
        )
    ]


@register(Tags.security, deploy=True)
def check_hosts(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Warn where every name is ours: links, redirects and the origin of WebSockets are judged by these names."""
    if not any(host == "*" or host.startswith(".") for host in settings.ALLOWED_HOSTS):
        return []
    return [
        Warning(
            f"PACA answers under names that it does not know: {', '.join(settings.ALLOWED_HOSTS)}.",
            hint="Name each host in PACA_ALLOWED_HOSTS, without * and without a leading dot.",
            id="paca.W010",
        )
    ]
