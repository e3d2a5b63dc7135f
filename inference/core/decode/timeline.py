"""Stream time: which frames a target rate keeps, and where a stream's own clock breaks."""

from dataclasses import dataclass

TOLERANCE = 0.35
"""Share of a period by which a frame may come early and still be taken, so that jitter costs no frame."""

GAP_S = 5.0
"""A hole in stream time longer than this is a discontinuity: people may have moved anywhere."""

ABSURD_S = 3600.0
"""A live stream that jumps further ahead than this has a wrong clock; its time is continued from the last frame."""


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
    """Turns presentation time stamps into seconds that start at 0 and never decrease."""

    frame_s: float
    is_live: bool
    _offset_s: float = 0.0
    _last_s: float | None = None
    _restarts: bool = False

    def restart(self) -> None:
        """Continue one frame after the last one, whatever stamp comes next (the file begins again)."""
        self._restarts = True

    def place(self, stamp_s: float | None) -> tuple[float, bool]:
        """Give stream time in seconds for a stamp in seconds, and whether it breaks with what came before."""
        if self._last_s is None:
            self._offset_s = -(stamp_s or 0.0)
            self._last_s, self._restarts = 0.0, False
            return 0.0, True
        expected_s = self._last_s + self.frame_s
        pts_s = expected_s if stamp_s is None else stamp_s + self._offset_s
        step_s = pts_s - self._last_s
        is_broken = self._restarts or step_s < 0 or (self.is_live and step_s > ABSURD_S)
        if is_broken:
            self._offset_s += expected_s - pts_s
            pts_s, self._restarts = expected_s, False
        self._last_s = pts_s
        return pts_s, is_broken or step_s > GAP_S
