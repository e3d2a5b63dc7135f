"""`evaluate masking|detection`: measure against labelled data; the report's keys are flat and stable."""

import argparse
from pathlib import Path
from typing import Any

from inference.commands.options import CommandError, add_json, check_report_path, report


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    kinds = parser.add_subparsers(dest="what", required=True, metavar="masking|detection")
    masking = kinds.add_parser("masking", help="how much of people, screens and vehicles is covered")
    masking.add_argument("--data", type=Path, required=True, metavar="DIR", help="images/, masks/, inst/, ann/")
    masking.add_argument("--size", choices=("s", "m"), default="s", help="network; default: %(default)s")
    add_json(masking)
    detection = kinds.add_parser("detection", help="how well unusual events are told from ordinary life")
    which = detection.add_mutually_exclusive_group(required=True)
    which.add_argument("--clips", type=Path, metavar="CSV", help="labels: clip, anomalous, source_group")
    which.add_argument("--sequences", type=Path, metavar="DIR", help="*.mp4 and ground_truth.json")
    detection.add_argument("--normal", type=Path, metavar="DIR", help="ordinary footage of the same cameras")
    detection.add_argument("--cache", type=Path, metavar="DIR", help="keep masks here between runs")
    add_json(detection)


def run(options: argparse.Namespace) -> int:
    """Measure and report."""
    check_report_path(options.json)
    values = {"masking": _masking, "detection": _detection}[options.what](options)
    report(values, options.json)
    return 0


def _folder(path: Path) -> Path:
    if not path.is_dir():
        raise CommandError(f"There is no folder {str(path)!r}.")
    return path


def _masking(options: argparse.Namespace) -> dict[str, Any]:
    data = _folder(options.data)
    from inference.training.evaluation.masking import evaluate_masking  # after the check: loading takes seconds

    return dict(evaluate_masking(data, options.size))


def _detection(options: argparse.Namespace) -> dict[str, Any]:
    clips, normal = options.clips, options.normal
    if clips is not None and not clips.is_file():
        raise CommandError(f"There is no file {str(clips)!r}.")
    if clips is not None and normal is not None:
        raise CommandError("--normal belongs to --sequences.")
    folders = [_folder(path) for path in (options.sequences, normal) if path is not None]
    from inference.training.evaluation.detection import evaluate_clips, evaluate_sequences

    if clips is not None:
        return dict(evaluate_clips(clips, cache=options.cache))
    return dict(evaluate_sequences(folders[0], normal, cache=options.cache))
