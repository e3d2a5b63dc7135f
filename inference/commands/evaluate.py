"""`evaluate masking|detection|privacy`: measure against labelled data; the report's keys are flat and stable."""

import argparse
from pathlib import Path
from typing import Any

from inference.commands.options import CommandError, add_json, check_report_path, report


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    kinds = parser.add_subparsers(dest="what", required=True, metavar="masking|detection|privacy")
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
    privacy = kinds.add_parser("privacy", help="who can still be recognised in masked pictures")
    privacy.add_argument("--data", type=Path, required=True, metavar="DIR")
    add_json(privacy)


def run(options: argparse.Namespace) -> int:
    """Measure and report."""
    check_report_path(options.json)
    values = {"masking": _masking, "detection": _detection, "privacy": _privacy}[options.what](options)
    report(values, options.json)
    return 0


def _folder(path: Path) -> Path:
    if not path.is_dir():
        raise CommandError(f"There is no folder {str(path)!r}.")
    return path


def _masking(options: argparse.Namespace) -> dict[str, Any]:
    from inference.training.evaluation.masking import evaluate_masking

    return dict(evaluate_masking(_folder(options.data), options.size))


def _detection(options: argparse.Namespace) -> dict[str, Any]:
    from inference.training.evaluation.detection import evaluate_clips, evaluate_sequences

    if options.clips is not None:
        if options.normal is not None:
            raise CommandError("--normal belongs to --sequences.")
        if not options.clips.is_file():
            raise CommandError(f"There is no file {str(options.clips)!r}.")
        return dict(evaluate_clips(options.clips, cache=options.cache))
    normal = _folder(options.normal) if options.normal is not None else None
    return dict(evaluate_sequences(_folder(options.sequences), normal, cache=options.cache))


def _privacy(options: argparse.Namespace) -> dict[str, Any]:
    from inference.training.evaluation.privacy import evaluate_privacy

    return dict(evaluate_privacy(_folder(options.data)))
