"""This worker process's leak watch: one thread for all its cameras, and what carries its counts to the database."""

import threading
from functools import cache, partial
from pathlib import Path
from typing import Final

from django.conf import settings

from inference.core.masking.leak_watch import CameraWatch, LeakWatch
from inference.core.masking.network import NetworkConfig, shared_network
from inference.leaking.services.counting import leak_hours_add
from inference.writer import StreamWriter

SIZE: Final = "m"
"""The network of the second look: the same weights at 960x540; the masker's own pass is at 640x360."""
EVERY_S: Final = 20.0
"""So much is lost of the counts at most when a worker is killed, and so late at most a camera is suspended."""


@cache
def _process_watch() -> LeakWatch:
    return LeakWatch(settings.LEAK_CPU_PERCENT / 100)


def camera_watch(weights: Path) -> CameraWatch | None:
    """Return a watch for one camera; None where the leak watch is off (`PACA_LEAK_WATCH`).

    Args:
        weights: folder of the masker's weights that run at the camera.
    """
    if not settings.LEAK_WATCH:
        return None
    network = partial(shared_network, NetworkConfig(size=SIZE, folder=weights))
    return CameraWatch(_process_watch(), network, settings.LEAK_INTERVAL_S)


class LeakReporter(threading.Thread):
    """Hands what the watch counted at a camera to the stream's writer, now and then and at the end."""

    def __init__(self, watch: CameraWatch, writer: StreamWriter) -> None:
        super().__init__(name=f"leaks-{writer.lease.camera_id}", daemon=True)
        self._watch, self._writer = watch, writer
        self._stopped = threading.Event()

    def run(self) -> None:
        """Report until stopped."""
        while not self._stopped.wait(EVERY_S):
            self._report()

    def stop(self) -> None:
        """Report a last time and end."""
        self._stopped.set()
        self._report()

    def _report(self) -> None:
        counts = self._watch.take()
        if counts:
            camera_id = self._writer.lease.camera_id
            self._writer.put(lambda: leak_hours_add(camera_id=camera_id, counts=counts))
