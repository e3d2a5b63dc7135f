"""Walk the audit trail from the first entry to the last: exit 0 if it is sound, 1 at the first fault."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from paca_site.audit.models import AuditEntry
from paca_site.audit.services import GENESIS_HASH
from paca_site.audit.verification import trail_verify


class Command(BaseCommand):
    """Verify the hash chain of the audit trail."""

    help = (
        "Verify the audit trail. Exit 0: sound. Exit 1: an entry was changed, removed, reordered, or the tail cut off."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add `--expect-head` and `--json`."""
        parser.add_argument(
            "--expect-head",
            metavar="HASH",
            help="a head written down before: it must still be in the chain, which shows a tail that was cut off",
        )
        parser.add_argument(
            "--checkpoints",
            type=Path,
            metavar="FILE",
            help="signed checkpoints to compare with, such as a copy kept elsewhere (default: the installation's own)",
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Verify, print count, head and fault, and exit."""
        if options["checkpoints"] and not options["checkpoints"].is_file():
            raise CommandError(f"--checkpoints: there is no file {options['checkpoints']}.")
        state = trail_verify(options["checkpoints"])
        result = state.chain
        expected, fault = options["expect_head"], result.fault
        if (
            not fault
            and expected
            and expected != GENESIS_HASH
            and not AuditEntry.objects.filter(hash=expected).exists()
        ):
            fault = f"the expected head {expected} is not in the trail: entries at its end were removed or replaced"
        if options["json"]:
            told = {"sound": not fault, "count": result.count, "head": result.head, "fault": fault}
            told["checkpoints"] = state.checkpoints
            self.stdout.write(json.dumps(told))
        elif not fault:
            self.stdout.write(
                f"sound: {result.count} entries, head {result.head}, {state.checkpoints} signed checkpoints"
            )
        if fault:
            message = "" if options["json"] else f"not sound after {result.count} entries, head {result.head}: {fault}"
            raise CommandError(message, returncode=1)
