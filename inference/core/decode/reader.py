"""Keep one source running for ever: own thread, bounded queue, watchdog, reconnection.

FFmpeg's time-outs alone do not do: a stalled RTSP server raises after twice the time-out, and a name that hangs in the
resolver is not interrupted at all. So each connection runs in a thread of its own (`_Connection`), and the reader's
thread watches it. One that gives no frame for `stall_s` is told to end and *abandoned*: it closes its stream itself
when the call it hangs in returns (closing it from outside would free memory in use), and another takes its place.
"""

import logging
import random
import threading
import time
from collections import deque
from dataclasses import dataclass, replace
from datetime import datetime

from inference.core.decode.address import hide_secrets
from inference.core.decode.source import FrameSource, SourceConfig, open_source
from inference.core.errors import DecodeError
from inference.core.frames import RawFrame

logger = logging.getLogger(__name__)

WATCH_S = 0.1
STOP_S = 1.0
KEYFRAME_WAIT_S = 35.0
"""How long a stream may send packets before its first frame: some cameras send a keyframe every 30 s only."""
MAX_ABANDONED = 4
"""Hanging connections of one camera at a time; beyond that we wait for one to return, so that threads stay bounded."""


@dataclass(frozen=True, slots=True)
class ReaderConfig:
    """How a reader behaves.

    Attributes:
        queue_size: frames waiting at most; the oldest is dropped and counted when another comes (latest wins).
        is_lossless: wait for the consumer instead of dropping; ends at the end of a file and never reconnects.
        stall_s: seconds without a frame after which the connection is replaced.
        backoff_first_s, backoff_max_s: wait before reconnecting, doubled each time, with jitter of a quarter. A camera
            that comes back must be live within 10 s, however long it was away.
    """

    queue_size: int = 2
    is_lossless: bool = False
    stall_s: float = 3.0
    backoff_first_s: float = 1.0
    backoff_max_s: float = 7.0


class Reader:
    """Reads one source in the background. `start()`, then `get()` until `is_ended`, then `stop()`.

    Attributes:
        state: `connecting`, `live`, `ended` (a file came to its end) or `lost: <reason>`.
        last_frame_at: when the newest frame was received.
        decoded, dropped: frames received, and those of them thrown away unread.
        damaged: frames left out because they could not be decoded whole.
        reconnects: how often the source was opened again.
        fps: rate as declared by the source (after decimation), 0 before the first connection.
    """

    def __init__(self, source: SourceConfig, config: ReaderConfig | None = None) -> None:
        self.source = source
        self.config = config or ReaderConfig()
        self.state = "connecting"
        self.last_frame_at: datetime | None = None
        self.decoded = self.dropped = self.damaged = self.reconnects = 0
        self.fps = 0.0
        self.error: DecodeError | None = None
        self._frames: deque[RawFrame] = deque()
        self._given = 0
        self._is_broken = False
        self._timed: _Connection | None = None
        self._base_s = self._last_s = self._last_at_s = 0.0
        self._changed = threading.Condition()
        self._stopping = threading.Event()
        self._current: _Connection | None = None
        self._abandoned: list[_Connection] = []
        self._thread = threading.Thread(target=self._run, name="reader", daemon=True)

    @property
    def is_ended(self) -> bool:
        """Whether no frame will come any more and none is left."""
        with self._changed:
            return not self._frames and (self.state == "ended" or self.error is not None or self._stopping.is_set())

    def start(self) -> "Reader":
        """Begin to read; returns at once."""
        if not self._thread.is_alive():
            self._thread.start()
        return self

    def stop(self) -> None:
        """End reading; returns within a second whatever the source does.

        A connection that works has closed its stream by then: a process that ends while a thread of it is inside FFmpeg
        can crash. One that hangs is left behind.
        """
        ends_at_s = time.monotonic() + STOP_S
        self._stopping.set()
        with self._changed:
            self._changed.notify_all()
            current = self._current
            for connection in (self._current, *self._abandoned):
                if connection is not None:
                    connection.interrupt()
        for thread in (self._thread, current):
            if thread is not None and thread.is_alive():
                thread.join(max(0.0, ends_at_s - time.monotonic()))

    def get(self, timeout_s: float) -> RawFrame | None:
        """Give the next frame, or None if none came within `timeout_s`.

        `index` counts the frames given, and `pts_s` goes on, over reconnections; `discontinuity` also marks those of
        dropped frames.

        Raises:
            DecodeError: lossless only: the source cannot be read (any further).
        """
        with self._changed:
            self._changed.wait_for(self._has_news, timeout_s)
            if not self._frames:
                if self.error is not None and self.config.is_lossless:
                    raise self.error
                return None
            frame = replace(self._frames.popleft(), index=self._given)
            if self._is_broken:
                frame = replace(frame, discontinuity=True)
            self._given, self._is_broken = self._given + 1, False
            self._changed.notify_all()
            return frame

    def _has_news(self) -> bool:
        return bool(self._frames) or self.state == "ended" or self.error is not None or self._stopping.is_set()

    def offer(self, connection: "_Connection", frame: RawFrame) -> bool:
        """Take a frame from a connection; False tells it to end, as another has taken its place."""
        with self._changed:
            if self.config.is_lossless:
                self._changed.wait_for(
                    lambda: len(self._frames) < self.config.queue_size or not self._is_current(connection)
                )
            if not self._is_current(connection):
                return False
            while len(self._frames) >= self.config.queue_size:
                self._is_broken |= self._frames.popleft().discontinuity
                self.dropped += 1
            self._frames.append(self._timed_on(connection, frame))
            self.decoded += 1
            self.fps = connection.fps
            self.state, self.last_frame_at = "live", frame.captured_at
            self._changed.notify_all()
            return True

    def _timed_on(self, connection: "_Connection", frame: RawFrame) -> RawFrame:
        """Let stream time go on where an earlier connection left off, by the time that passed between them."""
        now_s = time.monotonic()
        if self._timed is not connection:
            away_s = 0.0 if self._timed is None else now_s - self._last_at_s
            self._timed, self._base_s = connection, self._last_s + away_s
        self._last_s, self._last_at_s = self._base_s + frame.pts_s, now_s
        return frame if not self._base_s else replace(frame, pts_s=self._last_s)

    def _is_current(self, connection: "_Connection") -> bool:
        return connection is self._current and not self._stopping.is_set()

    def _run(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            connection = _Connection(self, self.source)
            with self._changed:
                self._current = connection
            connection.start()
            reason = self._watch(connection)
            with self._changed:
                self._current = None
                self._changed.notify_all()
            self.damaged += connection.damaged
            if connection.is_alive():
                connection.interrupt()
                self._abandoned.append(connection)
            if self._stopping.is_set() or self._finish(connection, reason):
                return
            failures = 0 if connection.given else failures + 1
            self._lose(reason, failures)
            self.reconnects += 1

    def _watch(self, connection: "_Connection") -> str:
        """Return, with the reason, when `connection` has ended or has to be replaced."""
        while not self._stopping.is_set():
            connection.join(WATCH_S)
            if not connection.is_alive():
                return connection.reason
            if not self.config.is_lossless and (reason := connection.stall(self.config.stall_s)):
                return reason
        return "stopped"

    def _finish(self, connection: "_Connection", reason: str) -> bool:
        """Say whether the source is done for good: a file at its end, or a lossless reading that failed."""
        is_at_end = connection.is_file_at_end
        if not is_at_end and not self.config.is_lossless:
            return False
        with self._changed:
            if is_at_end:
                self.state = "ended"
            else:
                self.state, self.error = f"lost: {reason}", DecodeError(reason)
            self._changed.notify_all()
        return True

    def _lose(self, reason: str, failures: int) -> None:
        """Show the loss and wait before the next try."""
        self.state = f"lost: {reason}"
        wait_s = min(self.config.backoff_max_s, self.config.backoff_first_s * 2 ** min(max(failures - 1, 0), 10))
        wait_s *= random.uniform(0.75, 1.25)  # noqa: S311  (jitter, so that cameras do not come back all at once)
        logger.warning("Camera lost: %s Next try in %.1f s.", reason, wait_s)
        self._stopping.wait(wait_s)
        while len(self._still_hanging()) >= MAX_ABANDONED and not self._stopping.wait(WATCH_S):
            pass

    def _still_hanging(self) -> list["_Connection"]:
        self._abandoned = [connection for connection in self._abandoned if connection.is_alive()]
        return self._abandoned


class _Connection(threading.Thread):
    """One opening of the source, from connect to end; ends itself when interrupted."""

    def __init__(self, reader: Reader, config: SourceConfig) -> None:
        super().__init__(name="reader-connection", daemon=True)
        self.reason = "the connection ended"
        self.given = 0
        self.is_file_at_end = False
        self._reader = reader
        self._config = config
        self._source: FrameSource | None = None
        self._interrupted = threading.Event()
        self._started_s = time.monotonic()

    @property
    def damaged(self) -> int:
        return self._source.damaged if self._source else 0

    @property
    def fps(self) -> float:
        if self._source is None:
            return 0.0
        return min(self._source.fps, self._config.target_fps or self._source.fps)

    def interrupt(self) -> None:
        self._interrupted.set()
        if self._source is not None:
            self._source.interrupt()

    def stall(self, stall_s: float) -> str:
        """Say why this connection counts as dead, or nothing."""
        now_s, source = time.monotonic(), self._source
        if source is None:
            allowed_s = self._config.open_timeout_s + stall_s
            return f"no connection within {allowed_s:.0f} s." if now_s - self._started_s > allowed_s else ""
        is_waiting_for_keyframe = source.frame_at_s <= source.opened_s and now_s - source.opened_s < KEYFRAME_WAIT_S
        heard_s = source.packet_at_s if is_waiting_for_keyframe else source.frame_at_s
        return f"no frame for {stall_s:.0f} s." if now_s - heard_s > stall_s else ""

    def run(self) -> None:
        try:
            with open_source(self._config) as source:
                self._source = source
                if self._interrupted.is_set():
                    return
                for frame in source:
                    if not self._reader.offer(self, frame):
                        return
                    self.given += 1
                is_file = source.address.kind == "file" or not source.is_live
                self.is_file_at_end = is_file and not self._interrupted.is_set()
                self.reason = "the camera ended the stream."
        except DecodeError as error:
            self.reason = str(error)
        except Exception as error:
            # One camera's surprise must never end its thread unseen: it is shown, and the reader tries again.
            logger.exception("Decoding failed in an unexpected way.")
            self.reason = hide_secrets(f"{type(error).__name__} while decoding.")
