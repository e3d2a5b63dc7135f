"""The inference app."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class InferenceConfig(AppConfig):
    """Runs cameras through the core and keeps their health."""

    name = "inference"

    def ready(self) -> None:
        """Tell assessments after each migration which weights ship: others may have come with this version."""
        from inference.services.declaring import declare_after_migrate

        post_migrate.connect(declare_after_migrate, sender=self, dispatch_uid="inference-networks")
