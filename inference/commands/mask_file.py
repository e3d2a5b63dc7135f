"""Mask one file or stream into one film, in parts, so that a run that was killed goes on where it was."""

import argparse
import hashlib
import json
import os
import sys
import time
import uuid
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from inference.commands.mask_account import Account, totals
from inference.commands.mask_join import FORMATS, join, publish
from inference.commands.mask_parts import Part, PartFolder, file_sha256, remove_stale, stale_folders
from inference.commands.options import CommandError, offline_stage
from inference.commands.reading import Input, Mark
from inference.core.decode.address import Address
from inference.core.errors import RecordingError
from inference.core.frames import MaskedFrame
from inference.core.recording.masked_file import MaskedFile

VERSION: Final = 1
"""Raised when parts of an older version of this command must not be continued."""
PRESET: Final = "veryfast"
CRF: Final = 20
SAMPLE_BYTES: Final = 1 << 20
"""How much of the input's beginning and of its end goes into its key."""


def settings(options: argparse.Namespace, masker: str) -> dict[str, Any]:
    """Return all that decides what the masked film looks like, except the input."""
    return {
        "masker": masker,
        "masker_name": options.masker,
        "size": options.size,
        "style": options.style,
        "vehicles": options.vehicles,
        "zones": str(options.zones) if options.zones else None,
        "seconds_at_most": options.seconds,
        "part_seconds": options.part_seconds,
        "preset": PRESET,
        "crf": CRF,
        "version": VERSION,
    }


def film_key(address: Address, values: dict[str, Any]) -> str:
    """Return 16 hex digits that stand for the input's content and the settings; for a stream, never the same twice."""
    if address.kind != "file":
        return uuid.uuid4().hex[:16]
    digest = hashlib.sha256(json.dumps(values, sort_keys=True).encode())
    with Path(address.url).open("rb") as file:
        status = os.fstat(file.fileno())
        digest.update(f"{status.st_size} {status.st_mtime_ns}".encode())
        digest.update(file.read(SAMPLE_BYTES))
        file.seek(max(0, status.st_size - SAMPLE_BYTES))
        digest.update(file.read(SAMPLE_BYTES))
    return digest.hexdigest()[:16]


def check_output(output: Path) -> None:
    """Refuse, before anything is read, an output that cannot be.

    A film that exists is let pass here only if parts of it are left as well: `mask_file` then finds out whether the run
    that made it was killed before its report was written.

    Raises:
        CommandError: it exists, its suffix is not known, or its folder is missing.
    """
    if output.suffix.lower() not in FORMATS:
        raise CommandError(f"The output must be an .mp4 or .mkv file, got {output.name!r}.")
    if not output.parent.is_dir():
        raise CommandError(f"There is no folder {str(output.parent)!r} to write into.")
    if os.path.lexists(output) and not stale_folders(output):
        raise CommandError(f"{output} exists already; it is not overwritten.")


def mask_file(
    options: argparse.Namespace,
    source: Input,
    output: Path,
    masker: str,
    keep: Callable[[dict[str, Any]], None],
    action: str = "masking",
) -> dict[str, Any]:
    """Mask `source` into `output`.

    Args:
        options: as `mask.add_arguments` makes them.
        source: file or stream, not yet read.
        output: .mp4 or .mkv; never overwritten.
        masker: the masker's fingerprint.
        keep: is given the report once the film has its name; if the run is killed before it returns, the next run
            with the same arguments gives the same report again.
        action: what the progress bar says.

    Returns:
        The report (docs/mask-command.md).

    Raises:
        CommandError: the output exists or may not be, or another run is making it.
        DecodeError: the input cannot be read.
        RecordingError: the output cannot be written.
        KeyboardInterrupt: finished parts stay, and a line says how to go on.
    """
    check_output(output)
    values = settings(options, masker)
    with PartFolder(output, film_key(source.address, values)) as parts:
        if os.path.lexists(output):
            if not (parts.joined.exists() and output.exists() and parts.joined.samefile(output)):
                raise CommandError(f"{output} exists already; it is not overwritten.")
        else:
            if parts.whole is None:
                _mask_rest(options, source, parts, action)
            join([(parts.path(part.number), part.first_s) for part in parts.parts], parts.joined)
            publish(parts.joined, output)
        report = _report(options, source.address, output, values, parts)
        keep(report)
        parts.remove()
    remove_stale(output)
    return report


def _mask_rest(options: argparse.Namespace, source: Input, parts: PartFolder, action: str) -> None:
    """Mask what no finished part holds yet."""
    last = parts.parts[-1] if parts.parts else None
    after = Mark(last.first_index + last.frames - 1, last.last_s) if last is not None else None
    if after is not None:
        sys.stderr.write(f"Continuing {source.shown} after {after.pts_s:.1f} s, which are finished.\n")
    writer = _Writer(options, parts, source.fps)
    try:
        with (
            offline_stage(options) as stage,
            closing(source.masked(stage, action, options.seconds, after=after, is_quiet=options.quiet)) as frames,
        ):
            for frame in frames:
                writer.take(frame)
        writer.finish()
    except KeyboardInterrupt:
        if parts.parts:
            done_s = parts.parts[-1].last_s
            sys.stderr.write(f"Interrupted; {done_s:.1f} s are finished. Run the same command again to continue.\n")
        raise
    finally:
        writer.discard()
    reader = source.reader
    parts.close_list(
        {"parts": len(parts.parts), "fps": source.fps, "damaged": reader.damaged, "dropped": reader.dropped}
    )


class _Writer:
    """Writes masked frames into parts; each begins with the first frame at or after a multiple of their length."""

    def __init__(self, options: argparse.Namespace, parts: PartFolder, fps: float) -> None:
        self._parts = parts
        self._fps = fps
        self._part_s = int(options.part_seconds)
        self._is_solid = options.style == "silhouette"
        self._size = (parts.parts[0].width, parts.parts[0].height) if parts.parts else None
        self._file: MaskedFile | None = None
        self._account = Account(is_solid=self._is_solid)
        self._first = self._last = Mark(0, 0.0)
        self._spent = _clocks()

    def take(self, frame: MaskedFrame) -> None:
        mark = Mark(frame.index, frame.pts_s)
        if self._file is not None and frame.pts_s // self._part_s > self._first.pts_s // self._part_s:
            self.finish()
        if self._file is None:
            self._file = MaskedFile(self._parts.path(len(self._parts.parts)), PRESET, CRF, self._size)
            self._file.set_fps(self._fps)
            self._account = Account(is_solid=self._is_solid)
            self._first = mark
        self._file.write(frame)
        self._account.take(frame)
        self._last = mark

    def finish(self) -> None:
        """Finish the part that is being written, if there is one."""
        file, self._file = self._file, None
        if file is None:
            return
        try:
            file.close()
        finally:
            file.discard()
        if file.size is None:
            raise RecordingError(f"{file.path.name} was closed without a frame.")
        before, self._spent = self._spent, _clocks()
        account = self._account.values()
        account |= {"spent_s": self._spent[0] - before[0], "cpu_s": self._spent[1] - before[1]}
        self._size = file.size
        part = Part(
            number=len(self._parts.parts),
            first_index=self._first.index,
            frames=self._last.index - self._first.index + 1,
            first_s=self._first.pts_s,
            last_s=self._last.pts_s,
            width=self._size[0],
            height=self._size[1],
            bytes=file.path.stat().st_size,
            sha256=file_sha256(file.path),
            account=account,
        )
        self._parts.add(part)

    def discard(self) -> None:
        """Give the unfinished part up."""
        if self._file is not None:
            self._file.discard()
            self._file = None


def _report(
    options: argparse.Namespace, address: Address, output: Path, values: dict[str, Any], parts: PartFolder
) -> dict[str, Any]:
    accounts = [part.account for part in parts.parts]
    counted = totals(accounts)
    whole = parts.whole or {}
    spent_s = sum(account["spent_s"] for account in accounts)
    is_file = address.kind == "file"
    return {
        "input": address.shown,
        "input_bytes": Path(address.url).stat().st_size if is_file else None,
        "input_sha256": file_sha256(Path(address.url)) if is_file and options.hash else None,
        "output": str(output),
        "output_bytes": output.stat().st_size,
        "output_sha256": file_sha256(output),
        "key": parts.folder.name.split(".")[-2],
        "settings": values,
        "masker": values["masker"],
        "size": values["size"],
        "style": values["style"],
        "width": parts.parts[0].width,
        "height": parts.parts[0].height,
        "fps": whole["fps"],
        "duration_s": parts.parts[-1].last_s,
        "parts": len(accounts),
        "damaged": whole["damaged"],
        "dropped": whole["dropped"],
        "spent_s": spent_s,
        "cpu_s": sum(account["cpu_s"] for account in accounts),
        "masked_fps": counted["frames"] / spent_s if spent_s > 0 else None,
        **counted,
    }


def _clocks() -> tuple[float, float]:
    """Return wall and processor time, seconds."""
    return time.monotonic(), time.process_time()
