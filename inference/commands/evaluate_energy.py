"""`evaluate energy`: CPU seconds that masking one camera takes per hour."""

import argparse
from pathlib import Path
from typing import Any

from inference.commands.options import CommandError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    parser.add_argument("--video", type=Path, required=True, metavar="FILE", help="footage like the camera's")
    parser.add_argument("--size", choices=("s", "m"), default="s", help="network; default: %(default)s")


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Measure; the keys are those of `evaluate_energy`."""
    if not options.video.is_file():
        raise CommandError(f"There is no file {str(options.video)!r}.")
    from inference.training.evaluation.energy import evaluate_energy  # after the check: loading takes seconds

    return evaluate_energy(options.video, options.size)
