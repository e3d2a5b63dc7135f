"""Where a line's output goes on a camera box: masked frames to the server, events into the outbox. Never to a file."""

import logging
import threading
from collections import deque
from typing import Final

from inference.core.boxes.frames import pack_whole
from inference.core.events import AnomalyEvent
from inference.core.frames import MaskedFrame, require_masked
from inference.core.publishing.jpeg import encode_jpeg, pack_live
from inference.edge.outbox import Outbox
from inference.edge.server import AwayError, RefusedError, SignedServer

logger = logging.getLogger(__name__)
LIVE_WIDTH: Final = 960
PAUSE_S: Final = 1.0
QUEUED: Final = {"edge": 1, "hybrid": 10}
"""Frames that wait for the line to the server at most, in memory; older ones are dropped and counted."""


class FrameSender:
    """Sends masked frames: of a hybrid camera all, with class map and tracks; of an edge camera while it is watched.

    Attributes:
        sent, dropped: frames.
        fault: why frames do not arrive now; empty if they do.
    """

    def __init__(self, server: SignedServer, camera: int, modality: str, masker: str) -> None:
        self._server, self._camera, self._masker = server, camera, masker
        self._is_whole = modality == "hybrid"
        self._queue: deque[bytes] = deque(maxlen=QUEUED[modality])
        self._changed = threading.Condition()
        self._stopped = threading.Event()
        self.is_watched = False
        self.sent = self.dropped = self.sent_bytes = 0
        self.fault = ""
        self._thread = threading.Thread(target=self._run, name=f"frames-{camera}", daemon=True)
        self._thread.start()

    def write(self, frame: MaskedFrame) -> None:
        """Take one frame; returns at once, whatever the network does.

        Raises:
            TypeError: the frame is not masked.
        """
        require_masked(frame)
        if self._is_whole:
            message = pack_whole(frame, self._masker)
        elif self.is_watched:
            message = pack_live(frame, encode_jpeg(frame, width=LIVE_WIDTH, is_stamped=True))
        else:
            return
        with self._changed:
            self.dropped += len(self._queue) == self._queue.maxlen
            self._queue.append(message)
            self._changed.notify()

    def close(self) -> None:
        """No more frames come; what waits is dropped."""
        self._stopped.set()
        with self._changed:
            self._queue.clear()
            self._changed.notify()

    def _run(self) -> None:
        while not self._stopped.is_set():
            with self._changed:
                self._changed.wait_for(lambda: self._queue or self._stopped.is_set(), timeout=1.0)
                message = self._queue.popleft() if self._queue else None
            if message is not None:
                self._send(message)

    def _send(self, message: bytes) -> None:
        try:
            answer = self._server.post(f"/box/cameras/{self._camera}/frame", message)
        except (AwayError, RefusedError) as error:
            self.dropped += 1
            if not self.fault:
                logger.warning("camera %s: frames do not arrive: %s", self._camera, error)
            self.fault = str(error)
            self._stopped.wait(PAUSE_S)
            return
        self.fault = ""
        self.sent += 1
        self.sent_bytes += len(message)
        self.is_watched = bool(answer.get("watched"))


class EventKeeper:
    """Takes events of an edge camera: on disk when it returns, at the server as soon as that answers."""

    def __init__(self, outbox: Outbox, camera: int, news: threading.Event) -> None:
        self._outbox, self._camera, self._news = outbox, camera, news

    def raise_event(self, event: AnomalyEvent) -> None:
        """Keep one state of an event.

        Raises:
            sqlite3.Error: the disk refuses; the line offers the event again.
        """
        self._outbox.event_put(self._camera, event)
        self._news.set()
