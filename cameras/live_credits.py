"""Credits keep a slow screen from filling memory: Daphne has no back-pressure, so acknowledgements are it."""

import time
from collections.abc import Callable, Iterable

MAX_UNACKNOWLEDGED = 2
SILENCE_S = 15.0
"""A screen that was sent frames and acknowledges none for this long is gone."""


class FrameCredits:
    """What one connection watches, what waits for it and what it has not acknowledged yet.

    At most one frame waits per camera: a newer one takes its place, and the older one is counted as skipped.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._unacknowledged: dict[int, int] = {}
        self._waiting: dict[int, bytes] = {}
        self._heard_at_s = clock()
        self.skipped = 0

    @property
    def watched(self) -> frozenset[int]:
        """The cameras this connection watches."""
        return frozenset(self._unacknowledged)

    @property
    def is_silent(self) -> bool:
        """Whether frames were sent and nothing was acknowledged for `SILENCE_S`."""
        owes = any(self._unacknowledged.values())
        return owes and self._clock() - self._heard_at_s > SILENCE_S

    def watch(self, cameras: Iterable[int]) -> None:
        """Replace the set of watched cameras; those that stay keep their credit."""
        kept = {camera: self._unacknowledged.get(camera, 0) for camera in cameras}
        self._unacknowledged = kept
        self._waiting = {camera: frame for camera, frame in self._waiting.items() if camera in kept}
        self._heard_at_s = self._clock()

    def offer(self, camera: int, message: bytes) -> None:
        """Let a frame wait for its turn; the newest wins."""
        if camera not in self._unacknowledged:
            return
        if camera in self._waiting:
            self.skipped += 1
        self._waiting[camera] = message

    def take(self) -> list[bytes]:
        """Return the frames that may be sent now, and count them as unacknowledged."""
        ready = [camera for camera in self._waiting if self._unacknowledged[camera] < MAX_UNACKNOWLEDGED]
        if ready and not any(self._unacknowledged.values()):
            self._heard_at_s = self._clock()  # silence counts from the first frame that is owed
        for camera in ready:
            self._unacknowledged[camera] += 1
        return [self._waiting.pop(camera) for camera in ready]

    def acknowledge(self, camera: int) -> None:
        """Note that the screen has shown a frame."""
        self._heard_at_s = self._clock()
        if self._unacknowledged.get(camera, 0) > 0:
            self._unacknowledged[camera] -= 1
