"""`evaluate agreement`: whom a slower ensemble sees and masking leaves open, in videos without labels."""

import argparse
from pathlib import Path
from typing import Any

from inference.commands.options import CommandError, existing_folder


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    parser.add_argument("--videos", type=Path, required=True, metavar="DIR", help="*.mp4, no labels needed")
    parser.add_argument("--teacher", type=Path, metavar="FILE", help="person-detection-0201 .xml: a second opinion")
    parser.add_argument("--cache", type=Path, metavar="DIR", help="keep the network's answers here between runs")


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Measure; the keys are those of `evaluate_agreement`."""
    videos = sorted(existing_folder(options.videos).glob("*.mp4"))
    if not videos:
        raise CommandError(f"{str(options.videos)!r} holds no .mp4.")
    if options.teacher is not None and not options.teacher.is_file():
        raise CommandError(f"There is no file {str(options.teacher)!r}.")
    from inference.core.masking.network import NetworkConfig, shared_network  # after the checks: loading takes seconds
    from inference.training.evaluation.agreement import evaluate_agreement

    networks = [shared_network(NetworkConfig(size="s")), shared_network(NetworkConfig(size="m"))]
    return evaluate_agreement(videos, networks, options.teacher, options.cache)
