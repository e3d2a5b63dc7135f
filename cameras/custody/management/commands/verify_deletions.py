"""`manage.py verify_deletions`: every deletion record is as it was signed, and none that the trail names is lost."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cameras.custody.services.proving import records_verify
from paca_site.audit.checkpoints import CheckpointError
from paca_site.audit.signing import SigningError

MOST_FAULTS = 20


class Command(BaseCommand):
    """Verify the deletion records of this installation."""

    help = (
        "Verify the signed records of destroyed sealed video (docs/custody.md). Exit 0: sound. Exit 1: a record was "
        "changed or removed, or the trail tells otherwise. Exit 2: the keys cannot be read."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Verify, say what was found, and exit."""
        try:
            verdict = records_verify()
        except (CheckpointError, SigningError, OSError) as error:
            raise CommandError(f"cannot be read: {error}", returncode=2) from error
        for fault in verdict.faults[:MOST_FAULTS]:
            self.stderr.write(f"NOT SOUND: {fault}")
        if verdict.faults:
            raise CommandError(f"not sound: {len(verdict.faults)} faults, {verdict.count} records", returncode=1)
        self.stdout.write(f"sound: {verdict.count} deletion records, each told by the trail")
