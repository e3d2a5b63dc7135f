"""The audit app."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """The append-only trail."""

    name = "paca_site.audit"
    label = "audit"

    def ready(self) -> None:
        """Connect the sign-in signals."""
        from paca_site.audit import signals  # noqa: F401 - connects by being imported
