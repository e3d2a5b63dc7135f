"""No request larger than anything that PACA reads: Daphne stores a body, of any size, before it asks PACA.

nginx refuses it first where it stands in front; `make run` has none.
"""

import logging
from typing import Any, Final

from daphne.http_protocol import HTTPFactory, WebRequest

from paca_site.uploads import MOST_BYTES

logger = logging.getLogger(__name__)
MOST_MESSAGE_BYTES: Final = 64 * 1024
"""Of a WebSocket message to the server: a page's largest names the tiles of its wall."""
TOO_LARGE: Final = b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class BoundedRequest(WebRequest):  # type: ignore[misc]  # Daphne has no types
    """Refuses a body above `MOST_BYTES` by its announced length, or, where none is announced, when it gets there."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._taken = 0
        self._is_refused = False

    def gotLength(self, length: int | None) -> None:  # noqa: N802 - Twisted's name
        """The headers are read; None: the body comes in chunks."""
        is_too_large = length is not None and length > MOST_BYTES
        super().gotLength(0 if is_too_large else length)
        if is_too_large:
            self._refuse(f"{length} bytes announced")

    def handleContentChunk(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        """A piece of the body has come."""
        if self._is_refused:
            return
        self._taken += len(data)
        if self._taken > MOST_BYTES:
            self._refuse(f"more than {MOST_BYTES} bytes came")
            return
        super().handleContentChunk(data)

    def requestReceived(self, *args: Any) -> None:  # noqa: N802 - Twisted's name
        """All of it is here: what was refused meanwhile is asked of nobody."""
        if not self._is_refused:
            super().requestReceived(*args)

    def _refuse(self, why: str) -> None:
        self._is_refused = True
        self.content.truncate(0)
        logger.warning("web: a request is too large (%s, at most %s are taken)", why, MOST_BYTES)
        self.channel.transport.write(TOO_LARGE)
        self.channel.loseConnection()


class BoundedFactory(HTTPFactory):  # type: ignore[misc]  # Daphne has no types
    """Makes connections whose requests are bounded."""

    def buildProtocol(self, addr: Any) -> Any:  # noqa: N802 - Twisted's name
        """Return the protocol of a new connection."""
        protocol = super().buildProtocol(addr)
        protocol.requestFactory = BoundedRequest
        return protocol
