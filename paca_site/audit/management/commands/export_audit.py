"""Write the whole trail and its checkpoints to a file that can be verified without PACA."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from paca_site.audit.exporting import export_lines
from paca_site.audit.models import AuditEntry
from paca_site.audit.services import audit_record_now


class Command(BaseCommand):
    """Export the audit trail."""

    help = "Write the audit trail to FILE, one JSON object per line; docs/verify/verify_audit.py checks it."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the file and the reason."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--reason", required=True, help="why, for the trail itself")

    def handle(self, *args: Any, **options: Any) -> None:
        """Record the export, then write it; a file that is there is refused."""
        path: Path = options["file"]
        reason = options["reason"].strip()
        if len(reason) < 10:
            raise CommandError("--reason must say why in at least 10 characters.")
        count = AuditEntry.objects.count()
        try:
            with path.open("x", encoding="utf-8") as file, transaction.atomic():
                audit_record_now(action="audit.exported", actor=None, details={"entries": count, "reason": reason})
                for line in export_lines(settings.CHECKPOINT_FILE):
                    file.write(line)
        except FileExistsError as error:
            raise CommandError(f"{path} is there already; choose another name.") from error
        self.stdout.write(f"{path}: written. Check it with: python docs/verify/verify_audit.py {path}")
