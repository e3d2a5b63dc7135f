"""Stream time: which frames a target rate keeps, and where a stream's own clock breaks or cannot be believed."""

from dataclasses import dataclass
from typing import Final

TOLERANCE = 0.35
"""Share of a period by which a frame may come early and still be taken, so that jitter costs no frame."""

GAP_S = 5.0
"""A hole in stream time longer than this is a discontinuity: people may have moved anywhere."""

ABSURD_S = 60.0
"""A live stream that jumps further ahead than this has a wrong clock; its time is continued from the last frame."""

WATCH_S: Final = 3.0
"""How long the clock of a live stream is watched before it is judged, again and again."""
MOST_BREAKS: Final = 3
"""A clock that steps back more often than this within `WATCH_S` is believed no more."""
SLOWEST, FASTEST = 0.5, 2.0
"""Stream time per second of ours; beyond these the stamps count in other units, or stand still."""


@dataclass(slots=True)
class Decimator:
    """Keeps about `target_fps` frames a second, evenly in stream time; keeps all of them where it is None."""

    target_fps: float | None
    _due_s: float | None = None

    def takes(self, pts_s: float) -> bool:
        """Say whether the frame at `pts_s` (seconds, never decreasing) is kept."""
        if self.target_fps is None:
            return True
        period_s = 1.0 / self.target_fps
        if self._due_s is None or pts_s - self._due_s > period_s:
            self._due_s = pts_s
        if pts_s < self._due_s - TOLERANCE * period_s:
            return False
        self._due_s += period_s
        return True


@dataclass(slots=True)
class Timeline:
    """Turns presentation time stamps into seconds that start at 0 and never decrease.

    Attributes:
        frame_s: expected seconds between frames, where nothing else tells.
        is_live: whether stamps further ahead than `ABSURD_S` are wrong.
        is_timed: whether frames come as they are made, so that our own clock can judge the stamps.
        is_believed: whether the stamps are used; otherwise a frame's time is that of its arrival.
    """

    frame_s: float
    is_live: bool
    is_timed: bool = False
    is_believed: bool = True
    _offset_s: float = 0.0
    _last_s: float | None = None
    _arrived_s: float = 0.0
    _restarts: bool = False
    _watched: tuple[float, float] = (0.0, 0.0)
    _breaks: int = 0

    def restart(self) -> None:
        """Continue one frame after the last one, whatever stamp comes next (the file begins again)."""
        self._restarts = True

    def place(self, stamp_s: float | None, arrived_s: float = 0.0) -> tuple[float, bool]:
        """Give stream time in seconds for a frame, and whether it breaks with what came before.

        Args:
            stamp_s: the stream's own time of the frame, in seconds, if it has one.
            arrived_s: our time of it, in seconds; read only where `is_timed`.
        """
        if self._last_s is None:
            self._offset_s = -(stamp_s or 0.0)
            self._last_s, self._restarts = 0.0, False
            self._arrived_s, self._watched = arrived_s, (arrived_s, 0.0)
            return 0.0, True
        if self.is_timed:
            self._judge(arrived_s)
        if self.is_timed and not self.is_believed:
            pts_s, is_broken = self._last_s + max(0.0, arrived_s - self._arrived_s), False
        else:
            pts_s, is_broken = self._by_stamp(stamp_s, self._last_s)
        step_s, self._last_s, self._arrived_s = pts_s - self._last_s, pts_s, arrived_s
        return pts_s, is_broken or step_s > GAP_S

    def _by_stamp(self, stamp_s: float | None, last_s: float) -> tuple[float, bool]:
        expected_s = last_s + self.frame_s
        pts_s = expected_s if stamp_s is None else stamp_s + self._offset_s
        step_s = pts_s - last_s
        is_broken = self._restarts or step_s < 0 or (self.is_live and step_s > ABSURD_S)
        if is_broken:
            self._offset_s += expected_s - pts_s
            pts_s, self._restarts = expected_s, False
            self._breaks += 1
        return pts_s, is_broken

    def _judge(self, arrived_s: float) -> None:
        """Compare the stream's clock with ours, every `WATCH_S` seconds."""
        began_s, from_s = self._watched
        took_s = arrived_s - began_s
        if took_s < WATCH_S or self._last_s is None:
            return
        speed = (self._last_s - from_s) / took_s
        self.is_believed &= SLOWEST <= speed <= FASTEST and self._breaks <= MOST_BREAKS
        self._watched, self._breaks = (arrived_s, self._last_s), 0
