"""Look at recorded files after a crash: what they hold, and which of them hold nothing."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import av

from inference.core.errors import RecordingError
from inference.core.recording.segments import NAME_TIME


@dataclass(frozen=True, slots=True)
class FileContent:
    """What a recorded file holds. Times are of capture, from its name and its time stamps."""

    path: Path
    started_at: datetime
    ended_at: datetime
    frames: int
    bytes: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class RepairReport:
    """What `repair` found: readable files, empty ones it deleted, and unreadable ones it left for a person."""

    readable: tuple[FileContent, ...]
    deleted: tuple[Path, ...]
    unreadable: tuple[Path, ...]


def inspect(path: Path) -> FileContent:
    """Read a segment's packets (nothing is decoded).

    Raises:
        RecordingError: the name is not a segment's, or the file holds not one whole frame.
        OSError: the file is missing, or cannot be read now; this says nothing about what it holds.
    """
    try:
        started_at = datetime.strptime(path.name.rpartition("-")[0], NAME_TIME).replace(tzinfo=UTC)
    except ValueError:
        raise RecordingError(f"{path.name} is not named like a segment (<utc start>-<8 hex>.mp4).") from None
    frames, last_s, width, height = 0, 0.0, 0, 0
    try:
        with av.open(str(path), "r", format="mp4", options={"protocol_whitelist": "file"}) as container:
            stream = container.streams.video[0]
            width, height = stream.codec_context.width, stream.codec_context.height
            for packet in container.demux(stream):
                if packet.size and packet.pts is not None:
                    frames, last_s = frames + 1, max(last_s, float(packet.pts * packet.time_base))
    except (av.error.InvalidDataError, av.error.EOFError, IndexError) as error:
        if not frames:
            raise RecordingError(f"{path.name} cannot be read: {type(error).__name__}.") from error
    except av.error.FFmpegError as error:
        if isinstance(error, OSError):
            raise
        raise OSError(error.errno, error.strerror, str(path)) from error  # no file descriptor left, for one
    if not frames:
        raise RecordingError(f"{path.name} holds no frame.")
    ended_at = started_at + timedelta(seconds=last_s)
    return FileContent(path, started_at, ended_at, frames, path.stat().st_size, width, height)


def repair(folder: Path, settled_s: float = 60.0) -> RepairReport:
    """Go through the segments in `folder` and delete those without a byte.

    Files changed less than `settled_s` seconds ago are left alone: another recorder may be writing them.
    """
    readable: list[FileContent] = []
    deleted: list[Path] = []
    unreadable: list[Path] = []
    for path in sorted(folder.glob("*.mp4")):
        status = path.stat()
        if time.time() - status.st_mtime < settled_s:
            continue
        if not status.st_size:
            path.unlink()
            deleted.append(path)
            continue
        try:
            readable.append(inspect(path))
        except (RecordingError, OSError):
            unreadable.append(path)
    return RepairReport(tuple(readable), tuple(deleted), tuple(unreadable))
