"""Open a camera stream or a video file and give its frames, one by one, with their times.

Decoding is PyAV's (FFmpeg). Facts that shaped this file: `analyzeduration` and `probesize` of 100 000 bring the first
RTSP frame from 1.9 s to 0.13 s; a server that is killed ends the iterator without an exception; a stalled one raises
only after twice the time-out, so `reader.py` has a watchdog of its own.
"""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

import av
import numpy as np
from av.video.frame import VideoFrame

from inference.core.decode.address import Address, parse_address
from inference.core.decode.opening import Opened, open_stream, reason
from inference.core.decode.thrift import Thrift
from inference.core.decode.timeline import Decimator, Timeline
from inference.core.errors import DecodeError
from inference.core.frames import Image, RawFrame

MAX_DAMAGED: Final = 250
"""Packets in a row that may fail to decode before the stream is given up (10 s at 25 fps)."""
ASSUMED_FPS: Final = 25.0
FPS_RANGE: Final = (0.2, 240.0)
"""A stream that declares another rate has declared none."""
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
        self._opened = self._open()
        self.opened_s = self.packet_at_s = self.frame_at_s = time.monotonic()
        stream, container = self._opened.stream, self._opened.container
        self.is_live = self.address.kind == "rtsp" or self._opened.is_live
        self.width, self.height = stream.codec_context.width, stream.codec_context.height
        declared = float(stream.average_rate or stream.guessed_rate or 0.0)
        self.fps = declared if FPS_RANGE[0] <= declared <= FPS_RANGE[1] else ASSUMED_FPS
        seconds = float(container.duration / av.time_base) if container.duration else 0.0
        self.frames_total = stream.frames or round(seconds * self.fps)
        self.codec = stream.codec_context.name
        # Such streams carry no time stamps of their own; FFmpeg invents them at 25 per second.
        self._has_stamps = not (self.is_live and container.format.name in ("mpjpeg", "mjpeg"))
        self._is_paced = config.realtime and (not self.is_live or self._opened.is_playlist)
        self._thrift = self._set_up()

    def close(self) -> None:
        """Close the stream; iterating it ends."""
        self._closed.set()
        self._opened.close()

    def interrupt(self) -> None:
        """Ask the iterating thread to end as soon as it can; callable from any thread."""
        self._closed.set()
        if self._opened.web is not None:
            self._opened.web.interrupt()

    def __enter__(self) -> "FrameSource":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __iter__(self) -> Iterator[RawFrame]:
        is_timed = self.is_live and not self._opened.is_playlist
        timeline = Timeline(1.0 / self.fps, self.is_live, is_timed, self._has_stamps)
        decimator = Decimator(self.config.target_fps)
        opened_at, started_s = datetime.now(UTC), time.monotonic()
        index, size, is_broken = 0, (0, 0), False
        for decoded in self._decoded(timeline):
            pts_s, is_jump = timeline.place(decoded.time, time.monotonic())
            is_broken |= is_jump or (decoded.width, decoded.height) != size
            size = (decoded.width, decoded.height)
            is_taken = decimator.takes(pts_s)
            self._thrift.note(pts_s, is_taken=is_taken, is_broken=is_jump)
            if not is_taken:
                continue
            captured_at = opened_at + timedelta(seconds=pts_s)
            if self._is_paced:
                if is_jump and self.is_live:
                    started_s = time.monotonic() - pts_s  # a wrong clock is not waited for
                started_s = self._wait(started_s, pts_s)
            if self._is_paced or is_timed:
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
            self._opened.close()
            self._opened = self._open()
            self._thrift = self._set_up()
            timeline.restart()

    def _open(self) -> Opened:
        timeouts_s = (self.config.open_timeout_s, self.config.read_timeout_s)
        return open_stream(self.address, timeouts_s, self.config.max_width)

    def _set_up(self) -> Thrift:
        """Make the decoder of a stream just opened fit for what is wanted of it."""
        stream = self._opened.stream
        if not self.config.realtime and not self.is_live:
            stream.thread_type = "AUTO"
            return Thrift(stream, self.fps, None)  # a file is read for the sake of each frame
        stream.codec_context.thread_count = 1  # threads over frames would add delay, and cameras share the cores
        return Thrift(stream, self.fps, self.config.target_fps)

    def _one_pass(self) -> Iterator[VideoFrame]:
        in_a_row = 0
        try:
            for packet in self._opened.container.demux(self._opened.stream):
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
            raise DecodeError(f"{self.address.shown!r} stopped: {reason(error)}.") from None

    def _image(self, decoded: VideoFrame) -> Image:
        width, height = decoded.width, decoded.height
        limit = self.config.max_width
        if limit is not None and width > limit:
            height = max(2, round(height * limit / width / 2) * 2)
            width = limit
        rgb = decoded.reformat(width=width, height=height, format="rgb24", interpolation="AREA")
        upright = np.rot90(rgb.to_ndarray(), round(decoded.rotation / 90) % 4)
        return np.ascontiguousarray(upright, dtype=np.uint8)
