"""`mask IN OUT`: a masked copy of a video file, a folder of them or a stream. Nothing unmasked is ever written."""

import argparse
import sys
from pathlib import Path
from typing import Any

from inference.commands.mask_file import check_output, mask_file
from inference.commands.mask_folder import check_folders, mask_folder
from inference.commands.options import CommandError, add_input, check_report_path, offline_stage, report
from inference.commands.reading import Input
from inference.core.errors import CoreError

SOME_FAILED = 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    add_input(parser)
    parser.add_argument(
        "output", metavar="OUT", type=Path, help="masked .mp4 or .mkv (H.264, no sound), or a folder; never overwritten"
    )
    parser.add_argument("--quiet", action="store_true", help="no progress bar (without a terminal there is none)")
    parser.add_argument("--hash", action="store_true", help="put the SHA-256 of the input into the report")
    parser.add_argument(
        "--part-seconds",
        type=whole_seconds,
        default=60,
        metavar="N",
        help="a killed run loses at most the last N seconds of video; default: %(default)s",
    )


def whole_seconds(text: str) -> int:
    """Read a whole number above 0."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, got {text}")
    return value


def run(options: argparse.Namespace) -> int:
    """Mask the whole input at its full rate and with its own times; memory does not grow with its length.

    Returns:
        0 when all is masked, 1 if a file could not be read or written to its end.
    """
    check_report_path(options.json)
    if Path(options.input).is_dir():
        check_folders(Path(options.input), options.output)
        return _folder(options, _fingerprint(options))
    check_output(options.output)
    source = Input(options.input)  # what cannot even be opened is a bad request
    return _file(options, source, _fingerprint(options))


def _fingerprint(options: argparse.Namespace) -> str:
    """Return what the masker calls itself; a masker that cannot be made ends the command here."""
    with offline_stage(options) as stage:
        return stage.fingerprint


def _file(options: argparse.Namespace, source: Input, masker: str) -> int:
    def keep(values: dict[str, Any]) -> None:
        report(values, options.json)

    try:
        values = mask_file(options, source, options.output, masker, keep)
    except CommandError:
        raise  # a bad request, found out late
    except (CoreError, OSError) as error:
        sys.stderr.write(f"inference: {' '.join(str(error).split()) or type(error).__name__}\n")
        return SOME_FAILED
    if values["withheld"]:
        reasons = ", ".join(values["withheld_by_reason"])
        sys.stderr.write(f"{values['withheld']} of {values['frames']} frames are withheld (flat): {reasons}\n")
    return 0


def _folder(options: argparse.Namespace, masker: str) -> int:
    summary = mask_folder(options, Path(options.input), options.output, masker)
    report(summary, options.json)
    failed = [row["input"] for row in summary["files"] if row["state"] == "failed"]
    if failed:
        sys.stderr.write(f"{len(failed)} of {len(summary['files'])} files failed: {', '.join(failed)}\n")
    return SOME_FAILED if failed else 0
