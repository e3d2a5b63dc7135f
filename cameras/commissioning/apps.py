"""The app of commissioning."""

from django.apps import AppConfig


class CommissioningConfig(AppConfig):
    """Whether masking was tried out at each camera, with people who had agreed, and what a supervisor said of it."""

    name = "cameras.commissioning"
    label = "commissioning"
