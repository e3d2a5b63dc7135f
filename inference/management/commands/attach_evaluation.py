"""`manage.py attach_evaluation WEIGHTS JSON ...`: figures of a release, with how they were made."""

from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from inference.core.errors import WeightsError
from inference.releasing.models import ModelRelease
from inference.releasing.services.registering import evaluation_attach


class Command(BaseCommand):
    """Attach figures to a release; without any nobody can approve it."""

    help = "Attach the figures that `python -m inference evaluate ... --json F` wrote to a release."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare what was measured, and how."""
        parser.add_argument("weights", help="identity of the release, as register_model told it")
        parser.add_argument("file", type=Path, help="the JSON that `evaluate` wrote")
        parser.add_argument("--made-by", required=True, metavar="COMMAND", help="python -m inference evaluate ...")
        parser.add_argument("--data", required=True, help="on what it was measured, in words")
        parser.add_argument("--on", required=True, type=date.fromisoformat, metavar="DAY", help="such as 2026-11-23")

    def handle(self, *args: Any, **options: Any) -> None:
        """Attach; say how many figures."""
        release = ModelRelease.objects.filter(weights=options["weights"]).first()
        if release is None:
            known = ", ".join(ModelRelease.objects.values_list("weights", flat=True)) or "none is registered"
            raise CommandError(f"WEIGHTS must be one of {known}; got {options['weights']!r}.")
        try:
            run = evaluation_attach(
                release=release,
                path=options["file"],
                command=options["made_by"],
                data=options["data"],
                measured_on=options["on"],
            )
        except WeightsError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{release}: {len(run.figures)} figures attached.")
