"""`evaluate incidents`: what of held-out simulated incidents is found at each threshold, and where the region lies."""

import argparse
import json
from pathlib import Path
from typing import Any

from inference.commands.options import CommandError, check_report_path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    parser.add_argument("--scenes", type=int, default=120, metavar="N", help="default: %(default)s")
    parser.add_argument("--seed", type=int, default=700_000, metavar="S", help="of the first scene")
    parser.add_argument("--workers", type=int, default=1, metavar="N", help="processes")
    parser.add_argument(
        "--found", type=Path, metavar="FILE", help="write the share found by threshold here: found.json beside weights"
    )


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Measure; the keys are those of `evaluate_incidents`."""
    for name in ("scenes", "workers"):
        if getattr(options, name) < 1:
            raise CommandError(f"--{name} must be at least 1, got {getattr(options, name)}.")
    check_report_path(options.found)
    from inference.core.sensitivity import weights_identity  # after the checks: the simulator loads slowly
    from inference.core.weights import load_manifest
    from inference.training.evaluation.incidents import evaluate_incidents

    weights = weights_identity(load_manifest("paca-detect"))
    result = evaluate_incidents(options.scenes, options.seed, options.workers)
    if options.found is not None:
        if not result["events"]:
            raise CommandError(f"None of {options.scenes} scenes shows its incident large enough: no table.")
        table = {
            "weights": weights,
            "events": result["events"],
            "found": result["found_by_threshold"],
            "command": f"python -m inference evaluate incidents --scenes {options.scenes} --seed {options.seed}",
        }
        part = options.found.with_suffix(".part")
        part.write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")
        part.replace(options.found)
    return result | {"weights": weights}
