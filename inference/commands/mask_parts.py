"""The finished parts of a masked film that is still being made, in a hidden folder beside it.

A part counts once its account (`part-00003.json`) is there, which is written last: film and account are whole and on
the disk by then. The folder's name ends in the key of input and settings, so that other parts are never taken for ours.
"""

import fcntl
import hashlib
import json
import os
import shutil
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from inference.commands.options import CommandError

WHOLE: Final = "whole.json"
LOCK: Final = "lock"


@dataclass(frozen=True, slots=True)
class Part:
    """One finished part.

    Attributes:
        number: from 0, without gaps.
        first_index, frames: which frames of the input it holds.
        first_s, last_s: stream time of its first and last frame, seconds.
        width, height: pixels of the first masked frame of the film; every part has them.
        bytes, sha256: of the file.
        account: as `Account.values` gives it, with the seconds (wall, CPU) spent.
    """

    number: int
    first_index: int
    frames: int
    first_s: float
    last_s: float
    width: int
    height: int
    bytes: int
    sha256: str
    account: dict[str, Any] = field(repr=False)


class PartFolder:
    """The parts of one film; a context manager that holds them locked and leaves no empty folder behind.

    Attributes:
        folder: where they lie.
        parts: the finished ones, in order.
        whole: what is known of the whole input (counts) once all parts are finished.
    """

    def __init__(self, output: Path, key: str) -> None:
        self.folder = output.with_name(f".{output.name}.{key}.parts")
        self.joined = self.folder / f"joined{output.suffix.lower()}"
        self.parts: list[Part] = []
        self.whole: dict[str, Any] | None = None
        self._lock = -1

    def __enter__(self) -> "PartFolder":
        """Lock the folder and read what is finished; what is not is deleted.

        Raises:
            CommandError: another run holds it.
        """
        self.folder.mkdir(exist_ok=True)
        self._lock = _lock(self.folder)
        self._read()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self.parts:
            self.remove()
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def path(self, number: int) -> Path:
        """Return the film file of part `number`."""
        return self.folder / f"part-{number:05d}.mp4"

    def add(self, part: Part) -> None:
        """Count the part whose film is at `path(part.number)` as finished."""
        write_durably(self._account(part.number), asdict(part))
        self.parts.append(part)

    def close_list(self, whole: dict[str, Any]) -> None:
        """Say that no part is missing, and what is known of the whole."""
        write_durably(self.folder / WHOLE, whole)
        self.whole = whole

    def remove(self) -> None:
        """Delete the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _account(self, number: int) -> Path:
        return self.path(number).with_suffix(".json")

    def _read(self) -> None:
        while self._account(len(self.parts)).is_file():
            part = Part(**json.loads(self._account(len(self.parts)).read_text()))
            film = self.path(part.number)
            if not film.is_file() or file_sha256(film) != part.sha256:
                break  # a part that is not what it was is made again, and all after it
            self.parts.append(part)
        kept = {path for part in self.parts for path in (self.path(part.number), self._account(part.number))}
        whole = self.folder / WHOLE
        if whole.is_file() and json.loads(whole.read_text())["parts"] == len(self.parts):
            self.whole = json.loads(whole.read_text())
            kept.add(whole)
        for path in self.folder.iterdir():
            if path not in kept and path.name not in (LOCK, self.joined.name):
                path.unlink()


def stale_folders(output: Path) -> list[Path]:
    """Return the folders of parts beside `output`, of whatever key."""
    head, tail = f".{output.name}.", ".parts"
    if not output.parent.is_dir():
        return []
    # Not a glob: the name may hold brackets.
    return [path for path in output.parent.iterdir() if path.name.startswith(head) and path.name.endswith(tail)]


def remove_stale(output: Path) -> None:
    """Delete the parts of earlier settings or inputs; those that another run holds are left alone."""
    for folder in stale_folders(output):
        try:
            descriptor = _lock(folder)
        except (CommandError, FileNotFoundError):
            continue
        shutil.rmtree(folder, ignore_errors=True)
        os.close(descriptor)


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_durably(path: Path, values: dict[str, Any]) -> None:
    """Write JSON so that `path` is either not there or whole, also after a power cut."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("w") as file:
            json.dump(values, file, indent=2, ensure_ascii=False, allow_nan=False)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        sync_folder(path.parent)
    finally:
        part.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Make the names in `folder` survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _lock(folder: Path) -> int:
    """Lock `folder` for this process; the kernel unlocks it however the process ends."""
    descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise CommandError(f"Another run is making the same file; its parts are in {str(folder)!r}.") from None
    if not (folder / LOCK).exists() or os.fstat(descriptor).st_ino != (folder / LOCK).stat().st_ino:
        os.close(descriptor)
        raise CommandError(f"Another run has just finished the same file and removed {str(folder)!r}.")
    return descriptor
