"""`manage.py register_model FOLDER`: weights of the deployer's own become a release (docs/model-releases.md)."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from inference.core.errors import WeightsError
from inference.releasing.services.registering import release_register


class Command(BaseCommand):
    """Check weights and register them; they run nowhere until somebody approves and somebody else activates them."""

    help = "Check weights (manifest, hashes, licence) and register them as a release. Nothing of them is run."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare folder and name."""
        parser.add_argument("folder", type=Path, help="folder with manifest.json and the files it names")
        parser.add_argument("--name", required=True, help="what people call it, such as 'paca-seg, our streets'")

    def handle(self, *args: Any, folder: Path, name: str, **options: Any) -> None:
        """Register; say under which identity."""
        try:
            release, is_new = release_register(folder=folder, name=name)
        except WeightsError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{release}: {'registered' if is_new else 'was registered already'}.")
