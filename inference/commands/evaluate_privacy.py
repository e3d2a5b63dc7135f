"""`evaluate privacy`: how often masked people, faces and text are still recognised by networks of others."""

import argparse
from pathlib import Path
from typing import Any

from inference.commands.options import existing_folder


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    parser.add_argument(
        "--data", type=Path, required=True, metavar="DIR", help="tracked-people/, teachers/omz/, people/test/, videos"
    )
    parser.add_argument(
        "--tracks", type=Path, metavar="DIR", help="machine-made tracks; default: tests/labels/tracks of the checkout"
    )


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Measure; the keys are those of `evaluate_privacy`."""
    data = existing_folder(options.data)
    tracks = None if options.tracks is None else existing_folder(options.tracks)
    from inference.training.evaluation.privacy.attacks import TRACKS, evaluate_privacy  # here: loading takes seconds

    return evaluate_privacy(data, tracks or TRACKS)
