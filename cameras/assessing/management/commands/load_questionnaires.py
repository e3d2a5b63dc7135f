"""`manage.py load_questionnaires FILE ...`: questionnaires of the deployer's own (docs/assessments.md)."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from cameras.assessing.reading import QuestionnaireError
from cameras.assessing.services.loading import questionnaire_load


class Command(BaseCommand):
    """Load questionnaires; one that is there already stays as it is."""

    help = "Load questionnaires for impact assessments from YAML files; those that ship load themselves."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the files."""
        parser.add_argument("file", nargs="+", type=Path, help="a YAML file (docs/assessments.md)")

    def handle(self, *args: Any, file: list[Path], **options: Any) -> None:
        """Load; say what was new."""
        for path in file:
            try:
                loaded, is_new = questionnaire_load(path)
            except QuestionnaireError as error:
                raise CommandError(str(error)) from error
            self.stdout.write(f"{loaded}: {'loaded' if is_new else 'was loaded already'}.")
