"""`evaluate privacy`: how often a masked person is still recognised by networks of others."""

import argparse
from pathlib import Path
from typing import Any

from inference.commands.options import existing_folder


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="tracked-people/ and teachers/omz/")


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Measure; the keys are those of `evaluate_privacy`."""
    data = existing_folder(options.data)
    from inference.training.evaluation.privacy import evaluate_privacy  # after the check: loading takes seconds

    return evaluate_privacy(data)
