"""The app of releases under a warrant."""

from django.apps import AppConfig


class WarrantsConfig(AppConfig):
    """Unmasked footage leaves PACA only so: ordered by a court, confirmed and approved by three different people."""

    name = "cameras.warrants"
    label = "warrants"
