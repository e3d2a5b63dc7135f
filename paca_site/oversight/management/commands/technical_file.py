"""`manage.py technical_file OUT.html`: the dossier of the whole installation."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from cameras.models import Site
from paca_site.oversight.dossier.page import technical_file_html


class Command(BaseCommand):
    """Write the technical file."""

    help = "Write the technical file of the whole installation to one HTML file, to be kept, printed or handed over."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the file and what may be replaced."""
        parser.add_argument("out", type=Path, help="the file; its folder must exist")
        parser.add_argument("--overwrite", action="store_true", help="replace the file if there is one")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write it whole or not at all."""
        out: Path = options["out"]
        if out.exists() and not options["overwrite"]:
            raise CommandError(f"{out} exists; give another name, or --overwrite.")
        page = technical_file_html(list(Site.objects.values_list("pk", flat=True)))
        part = out.with_name(f".{out.name}.part")
        try:
            part.write_text(page, encoding="utf-8")
            part.replace(out)
        except OSError as error:
            raise CommandError(f"{out} cannot be written: {error.strerror}.") from error
        self.stdout.write(f"{out}: {len(page.encode()) // 1024} KiB")
