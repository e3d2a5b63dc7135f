"""The app of the necessity clock."""

from django.apps import AppConfig


class NecessityConfig(AppConfig):
    """A camera, or a kind of event, of which almost nothing is ever confirmed proposes its own switch-off."""

    name = "alerts.necessity"
    label = "necessity"
