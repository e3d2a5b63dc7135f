"""How long one connection showed each camera: a clock for each, running while the camera is on the list."""

import time
from collections.abc import Callable, Iterable


class WatchTime:
    """Adds up, for each camera, the stretches during which a connection showed it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._since_s: dict[int, float] = {}
        self._total_s: dict[int, float] = {}

    def watch(self, cameras: Iterable[int]) -> None:
        """Replace what is shown: clocks of the others stop, those of the new ones start, the rest go on."""
        now_s, shown = self._clock(), set(cameras)
        for camera in self._since_s.keys() - shown:
            self._total_s[camera] = self._total_s.get(camera, 0.0) + now_s - self._since_s.pop(camera)
        for camera in shown - self._since_s.keys():
            self._since_s[camera] = now_s

    def ended(self) -> dict[int, int]:
        """Stop all clocks and return whole seconds by camera; afterwards there are none."""
        self.watch(())
        total, self._total_s = self._total_s, {}
        return {camera: round(seconds) for camera, seconds in total.items()}
