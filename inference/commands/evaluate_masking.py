"""`evaluate masking`: how much of people, screens and vehicles is covered in labelled pictures."""

import argparse
from pathlib import Path
from typing import Any

from inference.commands.options import existing_folder


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="images/, masks/, inst/, ann/")
    parser.add_argument("--size", choices=("s", "m"), default="s", help="network and frame; default: %(default)s")
    parser.add_argument("--mosaic", action="store_true", help="four pictures in one frame: people half as tall")


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Measure; the keys are those of `evaluate_masking`."""
    data = existing_folder(options.data)
    from inference.training.evaluation.masking import evaluate_masking  # after the check: loading takes seconds

    return evaluate_masking(data, options.size, is_mosaic=options.mosaic)
