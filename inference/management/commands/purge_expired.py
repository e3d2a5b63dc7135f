"""`manage.py purge_expired`: delete now what has reached its ceiling; the hourly task does the same."""

from typing import Any

from django.core.management.base import BaseCommand

from inference.tasks import purge_expired


class Command(BaseCommand):
    """Delete everything that has reached its ceiling."""

    help = "Delete recordings, clips and alerts that have reached the ceiling of their retention policy."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the purge."""
        purge_expired()
        self.stdout.write("Done. What was deleted is in the audit trail (action retention.purged).")
