"""The app of released footage that leaves as a signed file."""

from django.apps import AppConfig


class ExportingConfig(AppConfig):
    """What a custodian allows to leave, and what left: a file cannot be called back (docs/releases.md)."""

    name = "cameras.exporting"
    label = "footage_exports"
