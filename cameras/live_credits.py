"""Credits keep a slow screen from filling memory: Daphne has no back-pressure, so acknowledgements are it."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from cameras.live import Rendition

MAX_UNACKNOWLEDGED = 2
MAX_UNACKNOWLEDGED_FILM = 8
"""Of a film more may be on their way: together they are smaller than one picture, and a far screen answers late."""
MAX_WAITING_FILM = 64
SILENCE_S = 15.0
"""A screen that was sent frames and acknowledges none for this long is gone."""


@dataclass(frozen=True, slots=True)
class FilmPlace:
    """Where a frame stands in its film: its number, and whether it can be shown without those before it."""

    number: int
    is_key: bool


class FrameCredits:
    """What one connection watches, what waits for it and what it has not acknowledged yet.

    At most one picture waits per camera: a newer one takes its place, and the older one is counted as skipped. Frames
    of a film need each other: they wait in order, and where one is missing, all are skipped up to the next key.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._unacknowledged: dict[int, int] = {}
        self._renditions: dict[int, Rendition] = {}
        self._waiting: dict[int, list[bytes]] = {}
        self._next: dict[int, int] = {}
        self._heard_at_s = clock()
        self.skipped = 0

    @property
    def watched(self) -> Mapping[int, Rendition]:
        """The cameras this connection watches, and in which form."""
        return self._renditions

    @property
    def is_silent(self) -> bool:
        """Whether frames were sent and nothing was acknowledged for `SILENCE_S`."""
        owes = any(self._unacknowledged.values())
        return owes and self._clock() - self._heard_at_s > SILENCE_S

    def watch(self, cameras: Mapping[int, Rendition]) -> None:
        """Replace what is watched; those that stay as they are keep their credit and what waits."""
        kept = {camera for camera, rendition in cameras.items() if self._renditions.get(camera) == rendition}
        self._renditions = dict(cameras)
        self._unacknowledged = {camera: self._unacknowledged.get(camera, 0) for camera in cameras}
        self._waiting = {camera: frames for camera, frames in self._waiting.items() if camera in kept}
        self._next = {camera: number for camera, number in self._next.items() if camera in kept}
        self._heard_at_s = self._clock()

    def offer(self, camera: int, message: bytes, place: FilmPlace | None = None) -> None:
        """Let a frame wait for its turn; of pictures the newest wins."""
        if camera not in self._unacknowledged:
            return
        waiting = self._waiting.setdefault(camera, [])
        if place is None or place.is_key:
            self.skipped += len(waiting)
            waiting[:] = [message]
        elif place.number == self._next.get(camera) and len(waiting) < MAX_WAITING_FILM:
            waiting.append(message)
        else:
            self.skipped += 1
            self._next.pop(camera, None)
            return
        if place is not None:
            self._next[camera] = place.number + 1

    def take(self) -> list[bytes]:
        """Return the frames that may be sent now, and count them as unacknowledged."""
        sent: list[bytes] = []
        owes_nothing = not any(self._unacknowledged.values())
        for camera, waiting in self._waiting.items():
            is_film = self._renditions[camera] == Rendition.FILM
            free = (MAX_UNACKNOWLEDGED_FILM if is_film else MAX_UNACKNOWLEDGED) - self._unacknowledged[camera]
            ready = waiting[: max(0, free)]
            del waiting[: len(ready)]
            self._unacknowledged[camera] += len(ready)
            sent += ready
        if sent and owes_nothing:
            self._heard_at_s = self._clock()  # silence counts from the first frame that is owed
        return sent

    def acknowledge(self, camera: int) -> None:
        """Note that the screen has shown a frame."""
        self._heard_at_s = self._clock()
        if self._unacknowledged.get(camera, 0) > 0:
            self._unacknowledged[camera] -= 1
