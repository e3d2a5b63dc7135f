"""`evaluate footage`: measure on UCF-Crime, XD-Violence, UCSD, Avenue, ShanghaiTech or clip folders as published."""

import argparse
from pathlib import Path
from typing import Any

from inference.commands.options import CommandError, existing_folder

LAYOUTS = ("ucf-crime", "xd-violence", "ucsd", "avenue", "shanghaitech", "folders")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    parser.add_argument("--layout", choices=LAYOUTS, required=True)
    parser.add_argument("--root", type=Path, required=True, metavar="DIR", help="the footage; docs/detection.md")
    parser.add_argument("--labels", type=Path, metavar="FILE", help="annotation file or folder, where not below DIR")
    parser.add_argument("--cache", type=Path, metavar="DIR", help="keep masks here between runs; never pictures")


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Measure; the keys are those of `evaluate_footage`."""
    root = existing_folder(options.root)
    if options.labels is not None and not options.labels.exists():
        raise CommandError(f"There is no {str(options.labels)!r}.")
    from inference.training.evaluation.benchmark import evaluate_footage  # after the checks: loading takes seconds
    from inference.training.evaluation.footage import read_footage

    return evaluate_footage(read_footage(options.layout, root, options.labels), cache=options.cache)
