"""The accounts app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """People, their roles and where they may look."""

    name = "paca_site.accounts"
    label = "accounts"

    def ready(self) -> None:
        """Register the project's system checks."""
        from paca_site import checks, sealing_check  # noqa: F401 - registers by being imported
