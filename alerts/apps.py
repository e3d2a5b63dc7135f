"""The alerts app."""

from django.apps import AppConfig


class AlertsConfig(AppConfig):
    """Alerts, decisions and the operator's pages."""

    name = "alerts"

    def ready(self) -> None:
        """Begin to measure."""
        from alerts import measuring  # noqa: F401 - connects its receivers; models exist only now
