"""The app of shared load."""

from django.apps import AppConfig


class SharingConfig(AppConfig):
    """Who on shift has how much, and incidents that a supervisor gives to somebody."""

    name = "alerts.sharing"
    label = "sharing"
