"""`evaluate detection`: how well unusual events are told from ordinary life."""

import argparse
from pathlib import Path
from typing import Any

from inference.commands.options import CommandError, existing_folder


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--clips", type=Path, metavar="CSV", help="labels: clip, anomalous, source_group")
    which.add_argument("--sequences", type=Path, metavar="DIR", help="*.mp4 and ground_truth.json")
    which.add_argument("--ordinary", type=Path, metavar="DIR", help="*.mp4 in which nothing unusual happens")
    parser.add_argument("--normal", type=Path, metavar="DIR", help="ordinary footage of the same cameras")
    parser.add_argument("--cache", type=Path, metavar="DIR", help="keep masks here between runs")


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Measure; the keys are those of `evaluate_clips`, `evaluate_sequences` or `evaluate_normal`."""
    clips, normal = options.clips, options.normal
    if clips is not None and not clips.is_file():
        raise CommandError(f"There is no file {str(clips)!r}.")
    if options.sequences is None and normal is not None:
        raise CommandError("--normal belongs to --sequences.")
    folders = [existing_folder(path) for path in (options.sequences, normal) if path is not None]
    videos = [] if options.ordinary is None else sorted(existing_folder(options.ordinary).glob("*.mp4"))
    if options.ordinary is not None and not videos:
        raise CommandError(f"{str(options.ordinary)!r} holds no .mp4.")
    from inference.training.evaluation.detection import (  # after the checks: loading takes seconds
        evaluate_clips,
        evaluate_normal,
        evaluate_sequences,
    )

    if clips is not None:
        return dict(evaluate_clips(clips, cache=options.cache))
    if videos:
        return dict(evaluate_normal(videos, cache=options.cache))
    return dict(evaluate_sequences(folders[0], normal, cache=options.cache))
