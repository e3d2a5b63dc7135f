"""The app of second reviews."""

from django.apps import AppConfig


class ReviewingConfig(AppConfig):
    """A second person decides some alerts again, without knowing the first decision."""

    name = "alerts.reviewing"
    label = "reviewing"
