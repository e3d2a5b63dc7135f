"""The post: what waits in the outbox goes to the server in order, and is forgotten when it is there."""

import logging
import sqlite3
import threading
import time
from typing import Final

from inference.core.boxes.requests import ATTESTATION, sign
from inference.edge.outbox import Outbox
from inference.edge.server import AwayError, RefusedError, SignedServer

logger = logging.getLogger(__name__)
RETRY_S: Final = 1.0
NEVER: Final = frozenset({"malformed", "too-large", "camera"})
"""Refusals that no waiting changes: what is refused so is set aside, counted and logged, and the rest goes on."""


class Delivery(threading.Thread):
    """Delivers until finished. `news` wakes it; while the server is away it tries again every second."""

    def __init__(self, server: SignedServer, outbox: Outbox) -> None:
        super().__init__(name="delivery", daemon=True)
        self.news = threading.Event()
        self._server, self._outbox = server, outbox
        self._finish_at_s: float | None = None

    def finish(self, within_s: float) -> None:
        """Deliver what waits, for at most `within_s` seconds, and end; the rest waits for the next start."""
        self._finish_at_s = time.monotonic() + within_s
        self.news.set()
        self.join(within_s + 12.0)

    def run(self) -> None:
        """Deliver."""
        while True:
            self.news.wait(RETRY_S)
            self.news.clear()
            is_done = self._deliver()
            if self._finish_at_s is not None and (is_done or time.monotonic() > self._finish_at_s):
                return
            if not is_done:
                time.sleep(RETRY_S)

    def _deliver(self) -> bool:
        """Deliver until nothing waits (true) or the server is away (false)."""
        try:
            return self._deliver_events() and self._deliver_records()
        except sqlite3.Error:
            logger.exception("The outbox cannot be read; tried again.")
            return False

    def _deliver_events(self) -> bool:
        while (waiting := self._outbox.event_next()) is not None:
            try:
                self._server.post(f"/box/cameras/{waiting.camera}/event", waiting.body)
            except AwayError:
                return False
            except RefusedError as error:
                if error.code not in NEVER:
                    return False
                logger.error("camera %s: event %s is lost: %s", waiting.camera, waiting.body.get("event_id"), error)
                self._outbox.event_done(waiting.key, is_lost=True)
            else:
                self._outbox.event_done(waiting.key)
        return True

    def _deliver_records(self) -> bool:
        while (waiting := self._outbox.record_next()) is not None:
            number, text = waiting
            try:
                signature = sign(self._server.key, ATTESTATION, text)
                self._server.post("/box/attest", {"text": text, "signature": signature})
            except AwayError:
                return False
            except RefusedError as error:
                if error.code not in NEVER:
                    return False
                logger.error("attestation %s is not taken: %s", number, error)
            self._outbox.record_done(number)
        return True
