"""Mask every video of a folder into a folder with the same tree."""

import argparse
import json
import os
import sys
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final

from inference.commands.mask_file import film_key, mask_file, settings
from inference.commands.mask_parts import stale_folders, write_durably
from inference.commands.options import CommandError
from inference.commands.reading import Input
from inference.core.decode.address import parse_address
from inference.core.errors import CoreError

VIDEO_SUFFIXES: Final = frozenset(
    f".{name}"
    for name in (
        *("264", "265", "3g2", "3gp", "asf", "avi", "divx", "dv", "f4v", "flv", "gif", "h264", "h265", "hevc", "m2ts"),
        *("m2v", "m4v", "mjpeg", "mjpg", "mkv", "mov", "mp4", "mpeg", "mpg", "mts", "mxf", "ogv", "ts", "vob", "webm"),
        *("wmv", "y4m"),
    )
)
"""Files of other names are listed as skipped; a file of such a name that cannot be read is a failure."""
REPORT: Final = ".json"
SHORT: Final = ("frames", "withheld", "duration_s", "people_most", "covered_share", "output_bytes", "cpu_s", "spent_s")
"""What the summary says of each file; the whole report is beside the film."""


def check_folders(source: Path, output: Path) -> None:
    """Refuse folders that lie in each other, and an output that is none.

    Raises:
        CommandError: says which.
    """
    if output.exists() and not output.is_dir():
        raise CommandError(f"IN is a folder, so OUT must be one too; {str(output)!r} is a file.")
    if not output.parent.is_dir():
        raise CommandError(f"There is no folder {str(output.parent)!r} to make {output.name!r} in.")
    inner, outer = source.resolve(), output.resolve()
    if inner.is_relative_to(outer) or outer.is_relative_to(inner):
        raise CommandError(f"IN and OUT must lie apart; got {str(source)!r} and {str(output)!r}.")


def mask_folder(options: argparse.Namespace, source: Path, output: Path, masker: str) -> dict[str, Any]:
    """Mask the videos in `source` into `output`, one after the other.

    Each film gets its report beside it (`NAME.mp4.json`); a film whose report has the key of the same input and
    settings is finished already. A file that fails does not stop the others.

    Returns:
        The summary (docs/mask-command.md).
    """
    check_folders(source, output)
    output.mkdir(exist_ok=True)
    films, skipped = _plan(source)
    rows: list[dict[str, Any]] = []
    try:
        for number, (path, name) in enumerate(films, start=1):
            rows.append(_one(options, source / path, output / name, masker, f"{number}/{len(films)} {path.name}"))
    except KeyboardInterrupt:
        sys.stderr.write(f"{len(rows)} of {len(films)} files are done. Run the same command again to continue.\n")
        raise
    counts = Counter(row["state"] for row in rows)
    return {
        "input": str(source),
        "output": str(output),
        "settings": settings(options, masker),
        "masked": counts["masked"],
        "already_masked": counts["already masked"],
        "failed": counts["failed"],
        "skipped": len(skipped),
        "frames": sum(row.get("frames", 0) for row in rows),
        "withheld": sum(row.get("withheld", 0) for row in rows),
        "duration_s": sum(row.get("duration_s", 0.0) for row in rows),
        "files": rows,
        "skipped_files": skipped,
    }


def _one(options: argparse.Namespace, source: Path, output: Path, masker: str, action: str) -> dict[str, Any]:
    """Mask one file, or say why not."""
    shown = {"input": str(source), "output": str(output)}
    beside = output.with_name(output.name + REPORT)
    try:
        key = film_key(parse_address(str(source)), settings(options, masker))
        report = _finished(output, beside, key)
        if report is not None:
            return shown | {"state": "already masked"} | {name: report[name] for name in SHORT}
        if os.path.lexists(output) and not stale_folders(output):
            raise CommandError(f"{output} exists already and is not what these settings make of this file.")
        output.parent.mkdir(parents=True, exist_ok=True)
        report = mask_file(options, Input(str(source)), output, masker, partial(write_durably, beside), action)
    except (CoreError, OSError) as error:
        text = " ".join(str(error).split()) or type(error).__name__
        sys.stderr.write(f"failed: {source}: {text}\n")
        return shown | {"state": "failed", "error": text}
    return shown | {"state": "masked"} | {name: report[name] for name in SHORT}


def _finished(output: Path, beside: Path, key: str) -> dict[str, Any] | None:
    """Return the report of a film that is whole and was made from the same input with the same settings."""
    if not output.is_file() or not beside.is_file():
        return None
    try:
        report: dict[str, Any] = json.loads(beside.read_text())
    except ValueError:
        return None
    is_same = report.get("key") == key and report.get("output_bytes") == output.stat().st_size
    return report if is_same else None


def _plan(source: Path) -> tuple[list[tuple[Path, Path]], list[dict[str, str]]]:
    """Return (file, film) of every video, relative to the folders, and what is skipped and why.

    `a.avi` becomes `a.mp4`. Where several files would, only one that is called `a.mp4` does; `a.avi` becomes
    `a.avi.mp4`.
    """
    films: list[Path] = []
    skipped: list[dict[str, str]] = []
    for path in _files(source):
        if path.suffix.lower() in VIDEO_SUFFIXES:
            films.append(path)
        else:
            skipped.append({"input": str(source / path), "reason": f"no video by its suffix {path.suffix!r}"})
    sharing = Counter(path.with_suffix(".mp4") for path in films)
    named = [
        (path, path if path.suffix == ".mp4" else path.with_name(path.name + ".mp4"))
        if sharing[path.with_suffix(".mp4")] > 1
        else (path, path.with_suffix(".mp4"))
        for path in films
    ]
    return named, skipped


def _files(source: Path) -> Iterator[Path]:
    """Give all files below `source`, relative to it, in order; linked folders are not entered."""

    def fail(error: OSError) -> None:
        raise error  # a folder that cannot be read must not look like an empty one

    for folder, folders, names in os.walk(source, onerror=fail):
        folders.sort()
        for name in sorted(names):
            yield (Path(folder) / name).relative_to(source)
