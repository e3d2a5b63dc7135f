"""Check an export of any kind: exit 0 if every byte is as it was signed, by which key, and as the trail tells."""

import json
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from cameras.custody.record_file import FILE as RECORDS_FILE
from cameras.custody.record_file import KIND as RECORDS_KIND
from cameras.custody.record_file import RecordError, check_lines
from cameras.exporting.services.exporting import KIND as FOOTAGE_KIND
from paca_site.audit.export_file import ExportError, ExportFile, read_export
from paca_site.audit.models import AuditEntry
from paca_site.audit.signing import SigningError, public_fingerprint

ACTIONS: Final = {
    "alert": "alert.exported",
    RECORDS_KIND: "custody.records-exported",
    FOOTAGE_KIND: "warrant.exported",
}
"""What the trail calls the export of each kind; an alert's manifest names none."""


class Command(BaseCommand):
    """Verify an export."""

    help = (
        "Verify an export (docs/exports.md). Exit 0: sound. Exit 1: a byte was changed, another key signed it, "
        "or the trail tells otherwise. Exit 2: the file cannot be read."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the file and the key."""
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--key", metavar="FINGERPRINT", help="of the key that must have signed it (default: this installation's)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Verify, say what was found, and exit."""
        path: Path = options["file"]
        try:
            content = path.read_bytes()
            own = public_fingerprint(settings.CHECKPOINT_KEY)
        except (OSError, SigningError) as error:
            raise CommandError(f"cannot be read: {error}", returncode=2) from error
        expected = (options["key"] or own).lower()
        if not expected:
            raise CommandError("This installation has no key yet: say with --key whose it must be.", returncode=2)
        try:
            found = read_export(content)
            kind = found.manifest.get("kind", "alert")
            if kind not in ACTIONS:
                raise ExportError(f"its kind must be one of {', '.join(ACTIONS)}, it is {kind!r}")
            if kind == RECORDS_KIND:
                _check_records(found)
            if found.key != expected:
                raise ExportError(f"it is signed by {found.key}, not by {expected}")
            told = self._trail(found) if found.key == own else "of another installation: its trail was not compared"
        except ExportError as error:
            raise CommandError(f"NOT SOUND: {path.name}: {error}", returncode=1) from error
        self.stdout.write(json.dumps(found.manifest, indent=2, ensure_ascii=False))
        self.stdout.write(f"sound: {path.name}, signed by {found.key}, {told}")

    def _trail(self, found: ExportFile) -> str:
        """Compare the export with its entry in the trail of this installation."""
        named = found.manifest["exported"]["audit_entry"]
        action = ACTIONS[found.manifest.get("kind", "alert")]
        entry = AuditEntry.objects.filter(number=named["number"], action=action).first()
        if entry is None or entry.hash != named["hash"]:
            raise ExportError(f"entry {named['number']} of the trail does not tell of it: another trail, or changed")
        recorded = json.loads(entry.body)["details"]["files"]
        if recorded != {name: facts["sha256"] for name, facts in found.manifest["files"].items()}:
            raise ExportError(f"entry {entry.number} of the trail tells of other files")
        return f"as entry {entry.number} of the trail tells"


def _check_records(found: ExportFile) -> None:
    """Check each deletion record's own signature, beside that of the file."""
    try:
        told = list(check_lines(found.files.get(RECORDS_FILE, b""), found.manifest["keys"]))
    except (RecordError, KeyError, UnicodeDecodeError) as error:
        raise ExportError(f"a deletion record is not sound: {error}") from error
    if len(told) != found.manifest["records"]["count"]:
        raise ExportError(f"its manifest tells of {found.manifest['records']['count']} records, it holds {len(told)}")
