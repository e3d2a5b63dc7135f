"""Open a camera stream or a video file and give its frames, one by one, with their times.

Decoding is PyAV's (FFmpeg). Facts that shaped this file: `analyzeduration` and `probesize` of 100 000 bring the first
RTSP frame from 1.9 s to 0.13 s; a server that is killed ends the iterator without an exception; a stalled one raises
only after twice the time-out, so `reader.py` has a watchdog of its own.
"""

import errno
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

import av
import numpy as np
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from inference.core.decode.address import PROTOCOLS, Address, parse_address, refuse_host
from inference.core.decode.redirect import MOST_HOPS, next_hop
from inference.core.decode.timeline import Decimator, Timeline
from inference.core.errors import DecodeError
from inference.core.frames import Image, RawFrame

PROBE_BYTES: Final = "100000"
MAX_DAMAGED: Final = 250
"""Packets in a row that may fail to decode before the stream is given up (10 s at 25 fps)."""
ASSUMED_FPS: Final = 25.0
LATE_S: Final = 2.0
"""A file played at real speed that falls further behind than this goes on from where it is."""


@dataclass(frozen=True, slots=True)
class SourceConfig:
    """What to open and how.

    Attributes:
        address: rtsp(s)://, http(s):// (MJPEG, HLS, MP4), file:// or a path.
        target_fps: frames per second to give, by stream time; None gives all.
        max_width: frames wider than this (pixels) are scaled down, keeping their aspect; None keeps the size.
        loop: a file starts again at its end, for ever.
        realtime: a file is given at the speed of its time stamps, like a camera.
        open_timeout_s, read_timeout_s: how long opening and one read may take.
    """

    address: str = field(repr=False)
    target_fps: float | None = None
    max_width: int | None = None
    loop: bool = False
    realtime: bool = False
    open_timeout_s: float = 3.0
    read_timeout_s: float = 3.0

    def __post_init__(self) -> None:
        for name in ("target_fps", "max_width", "open_timeout_s", "read_timeout_s"):
            given = getattr(self, name)
            if given is not None and not given > 0:
                raise ValueError(f"`{name}` must be above 0, got {given}.")
        if self.max_width is not None and self.max_width < 16:
            raise ValueError(f"`max_width` must be at least 16 px, got {self.max_width}.")


def open_source(config: SourceConfig) -> "FrameSource":
    """Open `config.address`.

    Raises:
        DecodeError: not allowed, not reachable, not a video, damaged; says which, without the password.
    """
    return FrameSource(config)


class FrameSource:
    """An open stream; iterate it for `RawFrame`s, and `close()` it from the thread that iterates.

    The first frame, the first of each loop, a new size and a jump in time carry `discontinuity`. Frames that the
    decoder calls damaged are left out and counted: half a person in a smear is a person the masker may not find.
    `captured_at` is the moment of decoding for live streams and files at real speed; for files read as fast as
    possible it is the moment of opening plus stream time, so that durations stay true.

    Attributes:
        width, height: pixels of the stream as declared; 0 where it declares none (the frames tell).
        fps: average rate as declared, frames per second.
        frames_total: number of frames as declared, 0 if unknown.
        codec: short name, such as `h264`.
        is_live: whether the far end sets the pace.
        damaged: frames and packets left out because they could not be decoded whole.
        opened_s, packet_at_s, frame_at_s: monotonic time of opening, of the last packet, of the last decoded frame.
    """

    def __init__(self, config: SourceConfig) -> None:
        self.config = config
        self.address: Address = parse_address(config.address)
        self.damaged = 0
        self._closed = threading.Event()
        self._container, self._stream = self._open()
        self.opened_s = self.packet_at_s = self.frame_at_s = time.monotonic()
        stream, container = self._stream, self._container
        self.is_live = self.address.kind == "rtsp" or (self.address.kind == "http" and container.duration is None)
        self.width, self.height = stream.codec_context.width, stream.codec_context.height
        self.fps = float(stream.average_rate or stream.guessed_rate or ASSUMED_FPS)
        seconds = float(container.duration / av.time_base) if container.duration else 0.0
        self.frames_total = stream.frames or round(seconds * self.fps)
        self.codec = stream.codec_context.name
        # Such streams carry no time stamps of their own; FFmpeg invents them at 25 per second.
        self._stamps_are_invented = self.is_live and container.format.name in ("mpjpeg", "mjpeg")
        if not config.realtime and not self.is_live:
            stream.thread_type = "AUTO"
        else:
            stream.codec_context.thread_count = 1  # threads over frames would add delay, and cameras share the cores

    def close(self) -> None:
        """Close the stream; iterating it ends."""
        self._closed.set()
        self._container.close()

    def interrupt(self) -> None:
        """Ask the iterating thread to end as soon as it can; callable from any thread."""
        self._closed.set()

    def __enter__(self) -> "FrameSource":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __iter__(self) -> Iterator[RawFrame]:
        timeline = Timeline(1.0 / self.fps, self.is_live)
        decimator = Decimator(self.config.target_fps)
        opened_at, started_s = datetime.now(UTC), time.monotonic()
        index, size, is_broken = 0, (0, 0), False
        for decoded in self._decoded(timeline):
            stamp_s = time.monotonic() if self._stamps_are_invented else decoded.time
            pts_s, is_jump = timeline.place(stamp_s)
            is_broken |= is_jump or (decoded.width, decoded.height) != size
            size = (decoded.width, decoded.height)
            if not decimator.takes(pts_s):
                continue
            captured_at = opened_at + timedelta(seconds=pts_s)
            if self.config.realtime and not self.is_live:
                started_s = self._wait(started_s, pts_s)
            if self.config.realtime or self.is_live:
                captured_at = datetime.now(UTC)
            if self._closed.is_set():
                return
            yield RawFrame(self._image(decoded), index, pts_s, captured_at, is_broken)
            index, is_broken = index + 1, False

    def _wait(self, started_s: float, pts_s: float) -> float:
        """Sleep until stream time has come; give the start of the clock, moved if we are hopelessly late."""
        late_s = time.monotonic() - started_s - pts_s
        if late_s > LATE_S:
            return started_s + late_s
        if late_s < 0:
            self.frame_at_s = time.monotonic() - late_s  # a pause in the file is no stall
            self._closed.wait(-late_s)
        return started_s

    def _decoded(self, timeline: Timeline) -> Iterator[VideoFrame]:
        """Decode all of the stream, again and again if it loops."""
        while True:
            count = 0
            for decoded in self._one_pass():
                count += 1
                yield decoded
            if self._closed.is_set():
                return
            if not count:
                raise DecodeError(f"No frame of {self.address.shown!r} can be decoded ({self.damaged} damaged).")
            if not self.config.loop or self.is_live:
                return
            self._container.close()
            self._container, self._stream = self._open()
            timeline.restart()

    def _one_pass(self) -> Iterator[VideoFrame]:
        in_a_row = 0
        try:
            for packet in self._container.demux(self._stream):
                self.packet_at_s = time.monotonic()
                if self._closed.is_set():
                    return
                try:
                    frames = packet.decode()
                except (av.error.InvalidDataError, av.error.PatchWelcomeError):
                    frames, in_a_row = [], in_a_row + 1
                    self.damaged += 1
                for decoded in frames:
                    if decoded.is_corrupt or 0 in (decoded.width, decoded.height):
                        self.damaged, in_a_row = self.damaged + 1, in_a_row + 1
                        continue
                    in_a_row, self.frame_at_s = 0, time.monotonic()
                    yield decoded
                if in_a_row > MAX_DAMAGED:
                    raise DecodeError(f"{self.address.shown!r} gives damaged frames only, {in_a_row} in a row.")
        except av.error.EOFError:
            return
        except av.error.FFmpegError as error:
            raise DecodeError(f"{self.address.shown!r} stopped: {_reason(error)}.") from None

    def _image(self, decoded: VideoFrame) -> Image:
        width, height = decoded.width, decoded.height
        limit = self.config.max_width
        if limit is not None and width > limit:
            height = max(2, round(height * limit / width / 2) * 2)
            width = limit
        rgb = decoded.reformat(width=width, height=height, format="rgb24", interpolation="AREA")
        upright = np.rot90(rgb.to_ndarray(), round(decoded.rotation / 90) % 4)
        return np.ascontiguousarray(upright, dtype=np.uint8)

    def _connect(self, options: dict[str, str]) -> InputContainer:
        """Open the address, or what it redirects to; each place is checked before it is asked anything."""
        url, kind = self.address.url, self.address.kind
        timeout = (self.config.open_timeout_s, self.config.read_timeout_s)
        for _ in range(MOST_HOPS + 1):
            if kind != "file":
                refuse_host(url)
            try:
                return av.open(url, "r", options=options, timeout=timeout, metadata_errors="replace")
            except av.error.FFmpegError as error:
                may_go_on = kind == "http" and error.errno == errno.EIO
                onward = next_hop(url, self.config.open_timeout_s) if may_go_on else None
                if onward is None:
                    # `from None`: the library's own message repeats the address with its password.
                    raise DecodeError(f"Cannot open {self.address.shown!r}: {_reason(error)}.") from None
                url = onward
        raise DecodeError(f"Cannot open {self.address.shown!r}: it redirects more than {MOST_HOPS} times.")

    def _open(self) -> tuple[InputContainer, VideoStream]:
        options = {"protocol_whitelist": PROTOCOLS[self.address.kind]}
        if self.address.kind == "rtsp":
            options |= {"rtsp_transport": "tcp", "analyzeduration": PROBE_BYTES, "probesize": PROBE_BYTES}
        if self.address.kind == "http":
            options["max_redirects"] = "0"  # we go on ourselves, and look first where to
        shown, container = self.address.shown, self._connect(options)
        stream = container.streams.best("video")
        if not isinstance(stream, VideoStream):
            kinds = ", ".join(sorted({other.type for other in container.streams})) or "nothing"
            container.close()
            raise DecodeError(f"{shown!r} has no video; it has {kinds}.")
        if stream.codec_context is None:
            container.close()
            raise DecodeError(f"The video in {shown!r} uses a codec that is not known here.")
        return container, stream


def _reason(error: av.error.FFmpegError) -> str:
    """Say what went wrong, without the address."""
    if isinstance(error, av.error.ExitError):
        return "no answer in time"
    return (error.strerror or type(error).__name__).rstrip(".")
