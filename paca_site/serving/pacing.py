"""Daphne that waits for whoever reads slowly, and takes no more than PACA reads (`bounding.py`).

Daphne hands every piece of an answer to the network at once: of an answer that is made while it is sent, all that a
slow browser has not read yet would lie in the memory of the web process. Here the next piece is asked for when the one
before is on its way, so that what makes it (the vault's process, a file on the disk) waits as well.
"""

import asyncio
import logging
from typing import Any, Final

import daphne.server
from daphne.server import Server
from twisted.internet.interfaces import IPushProducer
from zope.interface import implementer

from paca_site.serving.bounding import MOST_MESSAGE_BYTES, BoundedFactory

logger = logging.getLogger(__name__)
STALLED_S: Final = 120.0
"""Who does not take a piece within it is hung up on."""
_PACE: Final = "paca_pace"


@implementer(IPushProducer)
class Pace:
    """Told by the connection when to go on; Twisted's names."""

    def __init__(self) -> None:
        self._may_go_on = asyncio.Event()
        self._may_go_on.set()

    def pauseProducing(self) -> None:  # noqa: N802
        """Wait: more than 64 KiB are not on their way."""
        self._may_go_on.clear()

    def resumeProducing(self) -> None:  # noqa: N802
        """Go on: all is."""
        self._may_go_on.set()

    def stopProducing(self) -> None:  # noqa: N802
        """Wait no longer: nobody reads any more."""
        self._may_go_on.set()

    async def kept(self, seconds: float) -> None:
        """Return when the next piece may come.

        Raises:
            TimeoutError: nothing was read for so long.
        """
        await asyncio.wait_for(self._may_go_on.wait(), seconds)


class PacedServer(Server):  # type: ignore[misc]  # Daphne has no types
    """Takes the next piece of an answer from the application when its reader has taken the one before."""

    def run(self) -> None:
        """Serve until the end. Daphne has a setting for the size of messages, and none for what takes its requests."""
        self.websocket_max_message_size = MOST_MESSAGE_BYTES
        daphne.server.HTTPFactory = BoundedFactory
        super().run()

    async def handle_reply(self, protocol: Any, message: dict[str, Any]) -> None:
        """Send one message of the application, and wait for its reader if there is more to come."""
        goes_on = message["type"] == "http.response.body" and message.get("more_body", False)
        if not goes_on and self.connections.get(protocol, {}).pop(_PACE, None) is not None and protocol.channel:
            protocol.unregisterProducer()
        await super().handle_reply(protocol, message)
        if goes_on:
            await self._wait_for_reader(protocol)

    async def _wait_for_reader(self, protocol: Any) -> None:
        connection = self.connections.get(protocol)
        if connection is None or connection.get("disconnected") or protocol.channel is None:
            await asyncio.sleep(0)  # nobody reads: let the application hear of it before it makes the next piece
            return
        if _PACE not in connection:
            connection[_PACE] = Pace()
            protocol.registerProducer(connection[_PACE], streaming=True)
        try:
            await connection[_PACE].kept(STALLED_S)
        except TimeoutError:
            logger.warning("web: nobody read on for %.0f s; the answer is broken off", STALLED_S)
            if protocol.channel is not None:
                protocol.channel.forceAbortClient()
