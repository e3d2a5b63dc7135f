"""`evaluate card`: write the mask card from what the other kinds have measured."""

import argparse
import json
from pathlib import Path
from typing import Any, Final

from inference.commands.options import CommandError, check_report_path

SIZED: Final = ("masking", "mosaic", "faces", "energy")
"""Reports that there may be one of for each size."""
SINGLE: Final = ("leaks", "agreement", "privacy")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    for name in SIZED:
        parser.add_argument(f"--{name}", type=Path, nargs="+", default=[], metavar="JSON", help="reports, one per size")
    for name in SINGLE:
        parser.add_argument(f"--{name}", type=Path, metavar="JSON", help=f"report of `evaluate {name}`")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="the card, markdown")


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Write the card; say where and from what."""
    check_report_path(options.out)
    found: dict[str, dict[str, Any]] = {}
    for kind in SIZED:
        for path in getattr(options, kind):
            report = _read(path)
            found[f"{kind} {_size(report, path)}"] = report
    for kind in SINGLE:
        if (path := getattr(options, kind)) is not None:
            found[kind] = _read(path)
    from inference.commands.machine import describe_machine  # after the checks: loading takes seconds
    from inference.core.masking.network import NAME, NetworkConfig, shared_network
    from inference.core.weights import load_manifest
    from inference.training.evaluation.card import Reports, mask_card

    networks = [shared_network(NetworkConfig(size="s")), shared_network(NetworkConfig(size="m"))]
    fingerprints = [network.fingerprint for network in networks]
    facts = describe_machine()
    machine = f"{facts['machine_cpu']}, {facts['machine_cores']} cores, load {facts['machine_load_1min']} when written"
    card = mask_card(Reports(found), load_manifest(NAME).content, fingerprints, machine)
    options.out.write_text(card, encoding="utf-8")
    return {"card": str(options.out), "reports": ", ".join(found)}


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CommandError(f"The report {str(path)!r} cannot be read: {error}.") from error
    if not isinstance(found, dict):
        raise CommandError(f"The report {str(path)!r} must be an object, got {type(found).__name__}.")
    return found


def _size(report: dict[str, Any], path: Path) -> str:
    if report.get("size") not in ("s", "m"):
        raise CommandError(f"The report {str(path)!r} does not say its size (s or m): {report.get('size')!r}.")
    return str(report["size"])
