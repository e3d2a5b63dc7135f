"""The alerts app."""

from django.apps import AppConfig


class AlertsConfig(AppConfig):
    """Alerts, decisions and the operator's pages."""

    name = "alerts"
