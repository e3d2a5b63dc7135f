"""The app of seeded test alerts."""

from django.apps import AppConfig


class SeedingConfig(AppConfig):
    """Known clips among the alerts of a shift: a measure of vigilance, and a promise of nothing."""

    name = "alerts.seeding"
    label = "seeding"
