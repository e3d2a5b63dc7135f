"""The inference app."""

from django.apps import AppConfig


class InferenceConfig(AppConfig):
    """Runs cameras through the core and keeps their health."""

    name = "inference"
