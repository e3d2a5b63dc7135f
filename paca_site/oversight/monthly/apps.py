"""The app of counted months."""

from django.apps import AppConfig


class MonthlyConfig(AppConfig):
    """What the trail said of each finished month, counted once and kept."""

    name = "paca_site.oversight.monthly"
    label = "monthly"
