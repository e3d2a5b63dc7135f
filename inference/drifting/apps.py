"""The app of drift: whether a camera's scores and their meaning are still what they were."""

from django.apps import AppConfig


class DriftingConfig(AppConfig):
    """Compares the last week of each camera with the four before."""

    name = "inference.drifting"
    label = "drifting"
