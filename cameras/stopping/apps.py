"""The app of the stop button."""

from django.apps import AppConfig


class StoppingConfig(AppConfig):
    """People at the desk stop a camera or a whole site, at once and with a reason."""

    name = "cameras.stopping"
    label = "stopping"
