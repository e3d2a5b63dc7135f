"""The app of model releases."""

from django.apps import AppConfig


class ReleasingConfig(AppConfig):
    """Which weights there are beside those that ship, who approved them, and where they run."""

    name = "inference.releasing"
    label = "releasing"
