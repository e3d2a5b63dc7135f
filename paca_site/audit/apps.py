"""The audit app."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """The append-only trail."""

    name = "paca_site.audit"
    label = "audit"

    def ready(self) -> None:
        """Connect the sign-in signals and register the checks."""
        from paca_site.audit import checks, signals  # noqa: F401 - both work by being imported
