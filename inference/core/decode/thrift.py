"""Leave out what is not needed: frames that no other frame refers to, where fewer are wanted than come."""

import logging
from typing import Final

from av.video.stream import VideoStream

logger = logging.getLogger(__name__)

CODECS: Final = frozenset({"h264", "hevc", "mpeg2video", "mpeg4"})
WATCH_S: Final = 2.0
ENOUGH: Final = 0.85
"""Share of the wanted frames that must still come."""


class Thrift:
    """Asks the decoder to skip frames that no other refers to, as long as enough remain.

    How many such frames a stream has is known only once they are gone, so the rest is counted: where it does not
    suffice, everything is decoded again, for good. A stream without such frames costs what it cost before.

    Attributes:
        is_on: whether frames are skipped.
    """

    def __init__(self, stream: VideoStream, fps: float, target_fps: float | None) -> None:
        self._context = stream.codec_context
        self._target_fps = target_fps or 0.0
        self.is_on = 0 < 2 * self._target_fps <= fps and self._context.name in CODECS
        self._since_s, self._taken = 0.0, 0
        if self.is_on:
            self._context.skip_frame = "NONREF"

    def note(self, pts_s: float, *, is_taken: bool, is_broken: bool) -> None:
        """Count a decoded frame at `pts_s` (seconds)."""
        if not self.is_on:
            return
        if is_broken:
            self._since_s, self._taken = pts_s, 0
        self._taken += is_taken
        if pts_s - self._since_s < WATCH_S:
            return
        if self._taken < ENOUGH * self._target_fps * (pts_s - self._since_s):
            self._context.skip_frame = "DEFAULT"
            self.is_on = False
            logger.info("Too few frames are referred to by others; all are decoded from now on.")
        self._since_s, self._taken = pts_s, 0
