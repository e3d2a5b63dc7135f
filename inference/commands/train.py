"""`train masking|detection`: train a network from a configuration file; each writes what it made to DIR."""

import argparse
import logging
from pathlib import Path

from inference.commands.options import CommandError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    kinds = parser.add_subparsers(dest="what", required=True, metavar="masking|detection")
    for name, purpose in (
        ("masking", "paca-seg, from labelled pictures; writes best.pt, last.pt and log.jsonl"),
        ("detection", "paca-detect, both experts, from simulated scenes and clips; writes weights and manifest"),
    ):
        kind = kinds.add_parser(name, help=purpose)
        kind.add_argument("--config", type=Path, required=True, metavar="C", help="TOML file")
        kind.add_argument("--out", type=Path, required=True, metavar="DIR", help="made if it is not there")
        if name == "detection":
            kind.add_argument("--cache", type=Path, metavar="DIR", help="keep what was simulated here between runs")


def run(options: argparse.Namespace) -> int:
    """Train."""
    if not options.config.is_file():
        raise CommandError(f"There is no file {str(options.config)!r}.")
    if options.out.exists() and not options.out.is_dir():
        raise CommandError(f"{str(options.out)!r} is not a folder.")
    logging.getLogger("inference").setLevel(logging.INFO)
    if options.what == "masking":
        from inference.training.masking.train import train  # here: torch takes seconds to load

        train(options.config, options.out)
    else:
        from inference.training.detection.train import main

        main(options.config, options.out, options.cache)
    return 0
