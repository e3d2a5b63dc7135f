"""Join the finished parts of a masked film without coding anything anew, and give the film its name."""

import errno
import os
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import Final

import av
from av.container import OutputContainer
from av.video.stream import VideoStream

from inference.commands.mask_parts import sync_folder
from inference.commands.options import CommandError
from inference.core.errors import RecordingError
from inference.core.recording.encoder import TICKS

FORMATS: Final = {".mp4": "mp4", ".mkv": "matroska"}
"""What can be written, by the suffix of OUT."""


def join(parts: Iterable[tuple[Path, float]], out: Path) -> None:
    """Write the packets of all parts into one file of `out`'s format; only video exists in them.

    Args:
        parts: file and stream time (seconds) of its first frame, in order.
        out: replaced if it exists; on the disk when this returns.

    Raises:
        RecordingError: a part cannot be read, does not continue the one before, or the disk refuses.
    """
    # Bit-exact: no library versions and no random identifiers; the same film gives the same bytes.
    options = {"movflags": "faststart"} if out.suffix == ".mp4" else {}
    out.unlink(missing_ok=True)  # not written over: a film that was published and moved away may be the same file
    try:
        with av.open(
            str(out), "w", format=FORMATS[out.suffix], options=options, container_options={"fflags": "+bitexact"}
        ) as container:
            _copy(parts, container)
        with out.open("rb") as file:
            os.fsync(file.fileno())
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise RecordingError(f"The parts cannot be joined into {out.name}: {type(error).__name__}: {error}.") from error


def _copy(parts: Iterable[tuple[Path, float]], container: OutputContainer) -> None:
    stream: VideoStream | None = None
    header = b""
    last = -1
    for path, first_s in parts:
        start = round(first_s * TICKS)
        with av.open(str(path), "r", format="mp4", options={"protocol_whitelist": "file"}) as part:
            source = part.streams.video[0]
            if stream is None:
                stream, header = _open_stream(container, source), source.codec_context.extradata or b""
            if (source.codec_context.extradata or b"") != header:
                raise RecordingError(f"{path.name} is coded otherwise than the parts before it.")
            for packet in part.demux(source):
                if packet.pts is None or packet.time_base is None:
                    continue  # the end of the file
                # Parts have no frames out of order (no B-frames), so one time serves for both.
                last = max(start + round(packet.pts * packet.time_base * TICKS), last + 1)
                packet.pts = packet.dts = last
                packet.time_base = Fraction(1, TICKS)
                packet.stream = stream
                container.mux(packet)


def _open_stream(container: OutputContainer, source: VideoStream) -> VideoStream:
    stream = container.add_stream_from_template(source)
    stream.time_base = Fraction(1, TICKS)
    stream.metadata.clear()
    return stream


def publish(joined: Path, output: Path) -> None:
    """Give the finished film its name; whatever has that name already stays.

    `joined` keeps its own name as well where the file system can do that, so that a run that is killed right now is
    recognised as finished by the next one.

    Raises:
        CommandError: something has that name.
    """
    try:
        os.link(joined, output)
    except FileExistsError:
        raise CommandError(f"{output} exists already; it is not overwritten.") from None
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK):
            raise
        if os.path.lexists(output):
            raise CommandError(f"{output} exists already; it is not overwritten.") from None
        joined.rename(output)  # a file system without hard links
    sync_folder(output.parent)
