"""The app of sealed unmasked video: whose key it is for, what there is of it, and proof of what was destroyed."""

from django.apps import AppConfig


class CustodyConfig(AppConfig):
    """Central cameras may keep unmasked video, encrypted so that nobody here can read it (docs/custody.md)."""

    name = "cameras.custody"
    label = "custody"

    def ready(self) -> None:
        """Register the checks of the folders."""
        from cameras.custody import checks  # noqa: F401 - registers by being imported
