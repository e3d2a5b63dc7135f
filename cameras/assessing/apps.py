"""The app of impact assessments."""

from typing import Any

from django.apps import AppConfig
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models.signals import post_migrate


def load_shipped(using: str = DEFAULT_DB_ALIAS, **kwargs: Any) -> None:
    """Bring the questionnaires that ship into the database, once its tables are there."""
    from cameras.assessing.models import Questionnaire
    from cameras.assessing.services.loading import shipped_load

    if Questionnaire._meta.db_table in connections[using].introspection.table_names():
        shipped_load()


class AssessingConfig(AppConfig):
    """Human-rights and data-protection impact assessments, bound to the live configuration of a site."""

    name = "cameras.assessing"
    label = "assessing"

    def ready(self) -> None:
        """Load the questionnaires after each migration: new ones come with a new version of PACA."""
        post_migrate.connect(load_shipped, sender=self, dispatch_uid="assessing-questionnaires")
