"""The camera box as a whole: lines that run what the server ordered, a report each second, the post, attestation."""

import logging
import sqlite3
import threading
import time
from datetime import UTC, datetime
from typing import Any, Final

from inference.core.boxes.requests import ANSWER, sign
from inference.core.errors import CoreError
from inference.edge.delivery import Delivery
from inference.edge.identity import KEY, Card, read_key
from inference.edge.keys import Keys
from inference.edge.ledger import Ledger
from inference.edge.line import CameraLine, Surroundings
from inference.edge.outbox import Outbox
from inference.edge.policy import Policy
from inference.edge.server import AwayError, RefusedError, SignedServer
from inference.edge.settings import BoxSettings

logger = logging.getLogger(__name__)
REPORT_S: Final = 1.0
PULL_S: Final = 300.0
"""The configuration is read again so often, so that the time for which it holds never runs out while all is well."""
RECORD_S: Final = 60.0
LINE_END_S: Final = 5.0
LAST_POST_S: Final = 5.0


class Agent:
    """Runs a box until told to stop.

    Raises:
        BoxError: the box is not enrolled, or its key is damaged.
    """

    def __init__(self, settings: BoxSettings, card: Card) -> None:
        self._settings, self._card = settings, card
        self._server = SignedServer(settings.url, settings.ca, card.box, read_key(settings.data / KEY))
        self._keys = Keys(settings.data, card, self._server, settings.rotate_days)
        self._outbox = Outbox(settings.data / "outbox.sqlite", settings.outbox_events)
        self._policy = Policy(card, self._outbox)
        self._delivery = Delivery(self._server, self._outbox)
        self._around = Surroundings(self._policy, self._server, self._outbox, self._delivery.news)
        self._lines: dict[int, CameraLine] = {}
        self._ledgers: dict[int, Ledger] = {}
        self._pulled_s = float("-inf")
        self._recorded_at = datetime.now(UTC)
        self._trouble = ""

    def run(self, stop: threading.Event) -> None:
        """Run; ends within some seconds after `stop` is set, with a last attestation."""
        self._delivery.start()
        logger.info("Box %s (%s, %s) starts.", self._card.box, self._card.name, self._card.site)
        record_due_s = time.monotonic() + RECORD_S
        try:
            while not stop.is_set():
                began_s = time.monotonic()
                self._report()
                self._follow_orders()
                if time.monotonic() >= record_due_s:
                    record_due_s = time.monotonic() + RECORD_S
                    self._record()
                stop.wait(max(0.05, REPORT_S - (time.monotonic() - began_s)))
        finally:
            self._end()

    def _end(self) -> None:
        for line in self._lines.values():
            line.stop()
        for line in self._lines.values():
            line.join(LINE_END_S)
        self._record()
        self._delivery.finish(LAST_POST_S)
        self._outbox.close()
        logger.info("Box %s has stopped.", self._card.box)

    def _report(self) -> None:
        try:
            if self._keys.is_due:
                self._keys.rotate()
            answer = self._server.post("/box/report", self._told())
            self._policy.heard_of(int(answer["config"]))
            self._hear(answer)
        except RefusedError as error:
            if error.code == "signature" and self._recovers():
                return
            self._note(str(error))
        except (CoreError, OSError, sqlite3.Error, KeyError, TypeError, ValueError) as error:
            self._note(f"{error or type(error).__name__}")
        else:
            self._note("")

    def _recovers(self) -> bool:
        try:
            return self._keys.recover()
        except AwayError:
            return False

    def _note(self, trouble: str) -> None:
        """Log what is wrong with the way to the server when it begins and when it ends."""
        if trouble and not self._trouble:
            logger.warning("%s Events wait here; live frames are dropped.", trouble)
        elif self._trouble and not trouble:
            logger.info("The server takes our reports again.")
        self._trouble = trouble
        if trouble:
            for line in self._lines.values():
                line.set_watched(False)

    def _told(self) -> dict[str, Any]:
        return {
            "config": self._policy.version,
            "events_waiting": self._outbox.event_count(),
            "events_lost": int(self._outbox.fact("events_lost", "0")),
            "cameras": {str(number): line.health() for number, line in self._lines.items()},
        }

    def _hear(self, answer: dict[str, Any]) -> None:
        watched = set(answer.get("watched", []))
        for number, line in self._lines.items():
            line.set_watched(number in watched)
        is_new = int(answer["config"]) != self._policy.version
        if is_new or time.monotonic() - self._pulled_s > PULL_S:
            self._policy.take(self._server.get("/box/config"))
            self._pulled_s = time.monotonic()
        for nonce in answer.get("challenges", []):
            self._answer(str(nonce))

    def _answer(self, nonce: str) -> None:
        number, head = self._outbox.head(self._card.enrolment)
        text = f"nonce={nonce}\nnumber={number}\nhead={head}\nat={datetime.now(UTC).isoformat(timespec='seconds')}"
        signature = sign(self._server.key, ANSWER, text)
        self._server.post("/box/answer", {"nonce": nonce, "text": text, "signature": signature})

    def _follow_orders(self) -> None:
        """Run the cameras of the configuration as it says, and no others."""
        orders = {order.id: order for order in self._policy.cameras if order.may_run}
        for number, line in list(self._lines.items()):
            if orders.get(number) != line.order or not line.is_alive():
                line.stop()
                line.join(LINE_END_S)
                del self._lines[number]
                logger.info("camera %s: its line has ended.", number)
        for number, order in orders.items():
            if number in self._lines:
                continue
            ledger = self._ledgers.setdefault(number, Ledger())
            address = self._settings.addresses.get(number, order.address)
            line = self._lines[number] = CameraLine(order, address, self._around, ledger)
            line.start()
            logger.info("camera %s (%s, %s): its line starts.", number, order.name, order.modality)

    def _record(self) -> None:
        """Attest the time since the last record."""
        began_at, self._recorded_at = self._recorded_at, datetime.now(UTC)
        cameras = {str(number): ledger.minute() for number, ledger in self._ledgers.items()}
        try:
            self._outbox.record_add(self._card.enrolment, began_at.isoformat(), self._recorded_at.isoformat(), cameras)
        except sqlite3.Error:
            logger.exception("A minute could not be attested: the disk refuses. The server will miss it.")
        self._delivery.news.set()
