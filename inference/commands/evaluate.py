"""`evaluate masking|detection|…`: measure against labelled data; the report's keys are flat and stable."""

import argparse

from inference.commands import (
    evaluate_agreement,
    evaluate_card,
    evaluate_detection,
    evaluate_energy,
    evaluate_footage,
    evaluate_incidents,
    evaluate_leak_watch,
    evaluate_leaks,
    evaluate_masking,
    evaluate_privacy,
    evaluate_variants,
)
from inference.commands.options import add_json, check_report_path, report

_KINDS = {
    "masking": evaluate_masking,
    "leaks": evaluate_leaks,
    "leak-watch": evaluate_leak_watch,
    "agreement": evaluate_agreement,
    "energy": evaluate_energy,
    "card": evaluate_card,
    "detection": evaluate_detection,
    "footage": evaluate_footage,
    "incidents": evaluate_incidents,
    "variants": evaluate_variants,
    "privacy": evaluate_privacy,
}
"""One file each, with `add_arguments(parser)`, `measure(options)` and a first docstring line that says what it does."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    kinds = parser.add_subparsers(dest="what", required=True, metavar="|".join(_KINDS))
    for name, kind in _KINDS.items():
        words = (kind.__doc__ or "").splitlines()[0]
        one = kinds.add_parser(name, help=words.split(": ", 1)[-1].rstrip("."))
        kind.add_arguments(one)
        add_json(one)


def run(options: argparse.Namespace) -> int:
    """Measure and report."""
    check_report_path(options.json)
    report(_KINDS[options.what].measure(options), options.json)
    return 0
