"""The app of the pages that read across all others."""

from django.apps import AppConfig


class OversightConfig(AppConfig):
    """What is shown to those outside the control room; it stores nothing of its own."""

    name = "paca_site.oversight"
    label = "oversight"
