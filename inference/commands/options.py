"""What the commands share: their options for masking, reports as JSON, and refusing bad input."""

import argparse
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from inference.core.errors import CoreError
from inference.core.masking.paca_seg_config import VEHICLES
from inference.core.masking.registry import MASKERS, create_masker
from inference.core.masking.stage import MaskingStage, StageConfig
from inference.core.masking.style import STYLES

OFFLINE_STAGE = StageConfig(deadline_ms=60_000.0, hang_s=120.0)
"""A file waits for us: a slow frame is no reason to withhold it, a hanging masker still is."""


class CommandError(CoreError):
    """The command was asked for something that cannot be done; shown in one line, exit code 2."""


def add_input(parser: argparse.ArgumentParser) -> None:
    """Add IN, the options of masking, `--seconds` and `--json`."""
    parser.add_argument("input", metavar="IN", help="video file, or rtsp(s)://, http(s):// address")
    parser.add_argument("--masker", choices=sorted(MASKERS), default="paca-seg", help="default: %(default)s")
    parser.add_argument("--size", choices=("s", "m"), default="s", help="network: s 640x360 (default), m 960x540")
    parser.add_argument("--style", choices=STYLES, default="silhouette", help="how people look; default: %(default)s")
    parser.add_argument(
        "--zones", type=Path, metavar="FILE", help="JSON: always masked polygons, [[[x, y], ...], ...], 0-1"
    )
    parser.add_argument(
        "--vehicles", choices=VEHICLES, default="plates", help="what of them is covered; default: %(default)s"
    )
    parser.add_argument("--seconds", type=positive, metavar="N", help="stop after N seconds of stream time")
    add_json(parser)


def add_json(parser: argparse.ArgumentParser) -> None:
    """Add `--json FILE`."""
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the report to FILE as JSON")


def positive(text: str) -> float:
    """Read a number above 0."""
    value = float(text)
    if not value > 0:
        raise argparse.ArgumentTypeError(f"must be above 0, got {text}")
    return value


def offline_stage(options: argparse.Namespace) -> MaskingStage:
    """Build the masking that `options` ask for, with an offline reading's patience."""
    settings: dict[str, Any] = {}
    given = (options.size, options.style, options.zones, options.vehicles)
    if options.masker == "paca-seg":
        settings = {"size": options.size, "style": options.style, "vehicles": options.vehicles}
        settings["zones"] = read_zones(options.zones) if options.zones else ()
    elif given != ("s", "silhouette", None, "plates"):
        raise CommandError(
            f"--size, --style, --zones and --vehicles belong to the masker paca-seg, not to {options.masker}."
        )
    return MaskingStage(create_masker(options.masker, **settings), OFFLINE_STAGE)


def read_zones(path: Path) -> Any:
    """Read a file of zones; the masker checks what they are.

    Raises:
        CommandError: it cannot be read, is no JSON or holds no list.
    """
    try:
        zones = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CommandError(f"--zones {str(path)!r} cannot be read as JSON: {error}.") from error
    if not isinstance(zones, list) or not zones:
        raise CommandError(
            f"--zones {str(path)!r} must hold a list of polygons, [[[x, y], ...], ...], each number 0 to 1."
        )
    return zones


def report(values: Mapping[str, Any], file: Path | None) -> None:
    """Show a report on stdout, a line for each figure, and write it to `file` if one was asked for."""
    for key, value in values.items():
        if not isinstance(value, list | dict):
            sys.stdout.write(f"{key}: {round(value, 4) if isinstance(value, float) else value}\n")
    if file is not None:
        part = file.with_name(f".{file.name}.{os.getpid()}.part")
        part.write_text(json.dumps(dict(values), indent=2, ensure_ascii=False, allow_nan=False) + "\n")
        part.replace(file)


def check_report_path(file: Path | None) -> None:
    """Refuse, before long work begins, a report that could not be written.

    Raises:
        CommandError: its folder is missing, or it is a folder.
    """
    if file is not None and (not file.parent.is_dir() or file.is_dir()):
        raise CommandError(f"The report {str(file)!r} cannot be written: no such folder, or a folder itself.")


def existing_folder(path: Path) -> Path:
    """Return `path` if it is a folder.

    Raises:
        CommandError: there is none.
    """
    if not path.is_dir():
        raise CommandError(f"There is no folder {str(path)!r}.")
    return path
