"""The app of the archive."""

from django.apps import AppConfig


class ArchiveConfig(AppConfig):
    """Masked recordings in S3-compatible storage; the local disk holds the newest and what waits to be moved."""

    name = "cameras.archive"
    label = "archive"

    def ready(self) -> None:
        """Register the checks."""
        from cameras.archive import checks  # noqa: F401
