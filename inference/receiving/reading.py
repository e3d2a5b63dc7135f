"""The server's end of a hybrid camera: frames that its box has masked go through the same line as all others."""

import logging
import threading
import time
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

import redis
from django.conf import settings

from cameras.live import LIVE_FIELD
from inference.core.errors import MaskingError
from inference.core.frames import MaskedFrame
from inference.core.masking.received import received_frame
from inference.receiving.services.frames import line_key

logger = logging.getLogger(__name__)
BATCH: Final = 8
BEHIND: Final = 25
"""Frames that wait at most; of more the oldest are dropped and counted, as with a camera that is too fast."""
LOST_S: Final = 3.0
HOLE_S: Final = 1.0
"""Frames further apart than this do not belong to one movement."""


class BoxReader:
    """Reads the masked frames of one camera as they come from its box; the `FrameReader` of the line.

    Attributes:
        state: `connecting`, `live` or `lost: <reason>`.
        last_frame_at: capture time of the newest frame.
        decoded, dropped, damaged: frames received; of them too many at once; unreadable.
        reconnects: how often frames came again after none had.
    """

    def __init__(self, camera_id: int) -> None:
        self.state = "connecting"
        self.last_frame_at: datetime | None = None
        self.decoded = self.dropped = self.damaged = self.reconnects = 0
        self.is_ended = False
        self._key = line_key(camera_id)
        self._valkey = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=3, socket_connect_timeout=3)
        self._last_id = b"$"
        self._waiting: list[bytes] = []
        self._heard_s = time.monotonic()
        self._before: MaskedFrame | None = None
        self._stopped = threading.Event()

    def start(self) -> None:
        """Begin with what comes from now on."""
        self._heard_s = time.monotonic()

    def stop(self) -> None:
        """End reading."""
        self._stopped.set()
        self.is_ended = True
        self._valkey.close()

    def get(self, timeout_s: float) -> MaskedFrame | None:
        """Give the next frame, or None if none came in time."""
        if not self._waiting:
            self._read(timeout_s)
        while self._waiting:
            message = self._waiting.pop(0)
            try:
                frame, _ = received_frame(message)
            except MaskingError as error:
                self.damaged += 1
                logger.warning("%s: %s", self._key, error)
                continue
            return self._taken(frame)
        if time.monotonic() - self._heard_s > LOST_S and not self.state.startswith("lost"):
            self.state = "lost: its box sends no frames"
        return None

    def _read(self, timeout_s: float) -> None:
        try:
            found: Any = self._valkey.xread({self._key: self._last_id}, count=200, block=max(1, int(timeout_s * 1000)))
        except redis.RedisError as error:
            self.state = f"lost: Valkey does not answer ({type(error).__name__})"
            self._stopped.wait(timeout_s)
            return
        for _, entries in found or []:
            for entry_id, fields in entries:
                self._last_id = entry_id
                self._waiting.append(fields[LIVE_FIELD])
        self.decoded += len(self._waiting)
        if len(self._waiting) > BEHIND:
            self.dropped += len(self._waiting) - BATCH
            self._waiting = self._waiting[-BATCH:]

    def _taken(self, frame: MaskedFrame) -> MaskedFrame:
        before, self._before = self._before, frame
        if self.state.startswith("lost"):
            self.reconnects += 1
        self.state, self._heard_s, self.last_frame_at = "live", time.monotonic(), frame.captured_at
        step_s = (frame.captured_at - before.captured_at).total_seconds() if before else HOLE_S
        return frame if 0 <= step_s < HOLE_S else replace(frame, discontinuity=True)


class MaskedAlready:
    """The masking of frames that a box has masked: none. Holds nothing back."""

    def push(self, frame: MaskedFrame) -> list[MaskedFrame]:
        """Give the frame on."""
        return [frame]

    def flush(self) -> list[MaskedFrame]:
        """Nothing is held."""
        return []
