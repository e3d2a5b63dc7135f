"""The app of the leak watch: what it counted, and the cameras that it suspended."""

from django.apps import AppConfig


class LeakingConfig(AppConfig):
    """A camera whose masking leaves too many people open, as the watch sees it, stands still until a person acts."""

    name = "cameras.leaking"
    label = "leaking"
