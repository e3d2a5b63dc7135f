"""The embedded app: no models, one command, `manage.py up`."""

from django.apps import AppConfig


class EmbeddedConfig(AppConfig):
    """One machine without services."""

    name = "paca_site.embedded"
    label = "embedded"
