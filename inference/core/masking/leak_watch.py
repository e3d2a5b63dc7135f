"""The leak watch: now and then one frame of each camera is looked at again, by a stronger network, in memory.

One thread of a process looks for all its cameras, at one frame at a time. A camera's line is never waited for: while
the thread looks, or rests so as to stay within its share of a core, a sample is skipped and counted. Raw and masked
picture are let go as soon as they have been compared; what is kept are counts, and no box, time or pixel of anybody.
"""

import logging
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from queue import SimpleQueue
from typing import Final

from inference.core.frames import Image, MaskedFrame, RawFrame
from inference.core.leak_counts import LeakCounts, Look
from inference.core.masking.base import Segmenter
from inference.core.masking.second_look import look

logger = logging.getLogger(__name__)

SPREAD: Final = (0.5, 1.5)
"""Samples come at random, between these shares of the interval: nothing that recurs escapes them for ever."""
LOG_EVERY_S: Final = 60.0


@dataclass(slots=True)
class _Job:
    raw: Image = field(repr=False)
    masked: Image = field(repr=False)
    network: Callable[[], Segmenter]
    done: Callable[[Look | None], None]


class LeakWatch:
    """Looks at one frame at a time, in a thread of its own; one per process."""

    def __init__(self, cpu_share: float) -> None:
        """Make a watch; its thread starts with the first frame.

        Args:
            cpu_share: of one core, 0-1, that looking takes at most; after each look the thread rests accordingly.
        """
        if not 0.0 < cpu_share <= 1.0:
            raise ValueError(f"`cpu_share` must be above 0 and at most 1, got {cpu_share!r}.")
        self._cpu_share = cpu_share
        self._jobs: SimpleQueue[_Job] = SimpleQueue()
        self._is_busy = False
        self._rests_until_s = self._logged_s = float("-inf")
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self.looked_s = 0.0
        """Seconds spent looking, in one thread: never more than the same of a core."""

    def offer(
        self, raw: Image, masked: Image, network: Callable[[], Segmenter], done: Callable[[Look | None], None]
    ) -> bool:
        """Have a frame looked at if there is nothing else to do; never waits.

        Args:
            raw: `uint8 (H, W, 3)` RGB; nobody may change it afterwards.
            masked: the same frame as it was shown.
            network: gives the second opinion; called in the watch's thread, as loading one takes a second.
            done: is told what was counted, or None if the look broke off; called in the watch's thread.

        Returns:
            Whether it was taken.
        """
        with self._lock:
            if self._is_busy or time.monotonic() < self._rests_until_s:
                return False
            if self._thread is None and not self._started():
                return False
            self._is_busy = True
        self._jobs.put(_Job(raw, masked, network, done))
        return True

    def _started(self) -> bool:
        thread = threading.Thread(target=self._run, name="leak-watch", daemon=True)
        try:
            thread.start()
        except RuntimeError:  # the machine has no thread to give: the camera goes on, and the sample is skipped
            return False
        self._thread = thread
        return True

    def _run(self) -> None:
        while True:
            self._next()

    def _next(self) -> None:
        """Wait for a frame and look at it; nothing of it outlives this call."""
        job = self._jobs.get()
        started_s = time.monotonic()
        job.done(self._look(job))
        del job
        spent_s = time.monotonic() - started_s
        with self._lock:
            self.looked_s += spent_s
            self._rests_until_s = time.monotonic() + spent_s * (1.0 / self._cpu_share - 1.0)
            self._is_busy = False

    def _look(self, job: _Job) -> Look | None:
        try:
            return look(job.raw, job.masked, job.network())
        except Exception as error:  # noqa: BLE001 - no error may end the watch, and none may carry a picture away
            if time.monotonic() - self._logged_s > LOG_EVERY_S:
                self._logged_s = time.monotonic()
                logger.error("The leak watch cannot look: %s", type(error).__name__)  # no traceback
            return None


class CameraWatch:
    """The leak watch of one camera: takes its samples and adds up what comes of them."""

    def __init__(self, watch: LeakWatch, network: Callable[[], Segmenter], interval_s: float) -> None:
        """Watch one camera, a frame every `interval_s` seconds on average; `network` gives the second opinion."""
        self._watch, self._network, self._interval_s = watch, network, interval_s
        self._random = random.Random()  # noqa: S311 - spreads samples, guards nothing
        self._due_s = self._next_due_s()
        self._hours: dict[datetime, LeakCounts] = {}
        self._lock = threading.Lock()

    def see(self, raw: RawFrame, masked: MaskedFrame) -> None:
        """Take a frame that goes on, just masked, as a sample if one is due; never waits. Withheld ones show nobody."""
        if masked.withheld or time.monotonic() < self._due_s:
            return
        self._due_s = self._next_due_s()
        if not self._watch.offer(raw.image, masked.image, self._network, self._add):
            self._count(lambda counts: replace(counts, skipped=counts.skipped + 1))

    def take(self) -> list[LeakCounts]:
        """Give what was counted since the last call, by hour, and count anew from here."""
        with self._lock:
            taken, self._hours = self._hours, {}
        return list(taken.values())

    def _next_due_s(self) -> float:
        return time.monotonic() + self._interval_s * self._random.uniform(*SPREAD)

    def _add(self, one: Look | None) -> None:
        if one is None:
            self._count(lambda counts: replace(counts, failed=counts.failed + 1))
        else:
            self._count(lambda counts: counts.with_look(one))

    def _count(self, change: Callable[[LeakCounts], LeakCounts]) -> None:
        hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
        with self._lock:
            self._hours[hour] = change(self._hours.get(hour, LeakCounts(hour)))
