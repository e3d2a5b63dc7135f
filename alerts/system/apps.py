"""The app of system alerts."""

from django.apps import AppConfig


class SystemAlertsConfig(AppConfig):
    """What is wrong with PACA itself, told to people: not what a camera sees, but whether it sees."""

    name = "alerts.system"
    label = "system_alerts"
