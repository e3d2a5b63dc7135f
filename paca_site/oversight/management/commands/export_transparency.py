"""`manage.py export_transparency DIR`: the transparency page as files for any web server."""

from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from django.core.management.base import BaseCommand, CommandError, CommandParser

from paca_site.oversight.cards import SOURCES, card_path
from paca_site.oversight.page import FILES, transparency_html


class Command(BaseCommand):
    """Write the transparency page."""

    help = "Write the transparency page to DIR/index.html with all it needs; again and again, as a timer does."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the folder."""
        parser.add_argument("dir", type=Path, help="folder; made where it is missing; other files in it stay")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write what the page needs first and the page last, each file whole or not at all."""
        folder: Path = options["dir"]
        page = transparency_html(address=str, is_file=True)
        try:
            for name in FILES:
                _write(folder / name, _static(name))
            for source in SOURCES:
                _write(folder / f"{source.name}.md", card_path(source.name).read_bytes())
            _write(folder / "index.html", page.encode())
        except OSError as error:
            raise CommandError(
                f"{error.filename}: {error.strerror}. DIR must be a folder that can be written."
            ) from error
        self.stdout.write(f"{folder / 'index.html'}: written.")


def _static(name: str) -> bytes:
    found = finders.find(name)
    if not isinstance(found, str):
        raise CommandError(f"The static file {name} is missing from this installation.")
    return Path(found).read_bytes()


def _write(path: Path, content: bytes) -> None:
    """Replace a file by one step: a web server reads the old one or the new one, never half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(content)
    part.replace(path)
