"""Web addresses, fetched by ourselves: each place is checked before it is asked anything, and each wait can be ended.

FFmpeg would follow redirects, and open a playlist's segments and keys, without asking anybody whether it may go there.
Here every opening, also those that its demuxers ask for, goes to a number that was checked: between check and
connection a name cannot come to lead elsewhere. Certificates are not verified, as cameras make their own.
"""

import http.client
import io
import logging
import socket
import threading
import time
import urllib.error
import urllib.request
import weakref
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final
from urllib.parse import SplitResult, unquote, urljoin, urlsplit

from inference.core.decode.address import checked_numbers
from inference.core.decode.web_connection import (
    Answer,
    Key,
    NoAnswerError,
    PlainHandler,
    SafeHandler,
    host_of,
    reason_of,
)
from inference.core.decode.web_file import WebFile
from inference.core.errors import DecodeError

logger = logging.getLogger(__name__)

REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
MOST_HOPS: Final = 4
SKIP_BYTES: Final = 1_000_000


class WebAccess:
    """All web connections of one source.

    Args:
        address: the camera's; its user and password go to its own host only, and never from https to http.
        open_timeout_s: until the first answer, redirects included.
        read_timeout_s: for each read.
        closed: set by whoever wants every wait to end.
    """

    def __init__(self, address: str, open_timeout_s: float, read_timeout_s: float, closed: threading.Event) -> None:
        self.read_timeout_s = read_timeout_s
        self.opening_until_s = float("inf")
        self._address = urlsplit(address)
        self._open_timeout_s = open_timeout_s
        self._closed = closed
        self._refusal: DecodeError | None = None
        self._sockets: weakref.WeakSet[socket.socket] = weakref.WeakSet()
        self._lock = threading.Lock()
        self._opener = self._make_opener()

    def open(self, url: str) -> WebFile:
        """Ask for `url`, or what it redirects to.

        Raises:
            NoAnswerError: no connection, no answer in time, or one that is no success.
            DecodeError: no camera lives there, or it is no web address.
        """
        until_s = time.monotonic() + self._open_timeout_s
        for _ in range(MOST_HOPS + 1):
            answer = self._ask(url, 0, until_s)
            if isinstance(answer, str):
                url = answer
                continue
            return WebFile(self, url, answer)
        raise DecodeError(f"it redirects more than {MOST_HOPS} times")

    def open_nested(self, url: str, flags: int, options: Mapping[str, str]) -> WebFile | io.BytesIO:
        """Open what a playlist names; PyAV's `io_open`. What gives no answer is empty, and the stream goes on after it.

        Raises:
            DecodeError: no camera lives there, or it is no web address.
        """
        self.check_open()
        try:
            return self.open(url)
        except NoAnswerError as error:
            logger.info("A part of the stream is missing: %s.", error)
            return io.BytesIO()
        except DecodeError as error:
            self._refusal = error  # the demuxer would try the next part, and the next
            raise

    def resume(self, url: str, first: int) -> Answer:
        """Ask for `url` from byte `first` on.

        Raises:
            DecodeError: it is not given.
        """
        answer = self._ask(url, first, time.monotonic() + self._open_timeout_s)
        if isinstance(answer, str):
            raise NoAnswerError("it redirects in the middle of a file")
        left = first if answer.status != http.HTTPStatus.PARTIAL_CONTENT else 0
        while left:  # this server gives whole files only
            self.check_open()
            left -= len(answer.read(min(left, SKIP_BYTES)) or bytes(left))
        return answer

    def interrupt(self) -> None:
        """End every wait, from any thread."""
        self._closed.set()
        with self._lock:
            for connected in self._sockets:
                _hang_up(connected)

    def check_open(self) -> None:
        """Raise `DecodeError` once the source was closed, took too long to open, or led where no camera lives."""
        if self._refusal is not None:
            raise self._refusal
        if self._closed.is_set():
            raise NoAnswerError("the stream was closed")
        if time.monotonic() > self.opening_until_s:
            raise NoAnswerError("no picture in time")

    def know(self, connected: socket.socket) -> None:
        """Remember a connection, so that `interrupt` can end it."""
        with self._lock:
            self._sockets.add(connected)
        if self._closed.is_set():
            _hang_up(connected)

    def connect(self, host: str, port: int, timeout_s: float) -> socket.socket:
        """Connect to a host that was checked; http.client's connections call this.

        Raises:
            DecodeError: no camera lives there.
            OSError: it does not answer, or its name is not known.
        """
        numbers = checked_numbers(host)
        if not numbers:
            raise OSError("the name of the host is not known")
        for position, number in enumerate(numbers):
            try:
                connected = socket.create_connection((str(number), port), timeout_s / len(numbers))
            except OSError:
                if position == len(numbers) - 1:
                    raise
                continue
            break
        connected.settimeout(timeout_s)
        return connected

    def _ask(self, url: str, first: int, until_s: float) -> Answer | str:
        """Ask once. Returns the answer, or where it redirects to."""
        parts = _web_parts(url)
        plain = parts._replace(netloc=host_of(parts), fragment="").geturl()
        headers = {"User-Agent": "PACA", "Accept": "*/*"} | ({"Range": f"bytes={first}-"} if first else {})
        request = urllib.request.Request(plain, headers=headers)  # noqa: S310 - http and https only, see _web_parts
        opener = self._opener if self._is_trusted(parts) else self._make_opener(with_password=False)
        left_s = until_s - time.monotonic()
        if left_s <= 0:
            raise NoAnswerError("no answer in time")
        try:
            with self._deadline(left_s) as is_late:
                answer = opener.open(request, timeout=left_s)
        except urllib.error.HTTPError as error:
            with error:
                target = error.headers.get("Location") if error.code in REDIRECTS else None
            if not target:
                raise NoAnswerError(f"it answers {error.code} {error.reason}") from None
            return _onward(plain, target)
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise NoAnswerError("no answer in time" if is_late.is_set() else reason_of(error)) from None
        answer.connected.settimeout(self.read_timeout_s)
        return answer  # type: ignore[no-any-return]

    def _is_trusted(self, parts: SplitResult) -> bool:
        is_weaker = (self._address.scheme.lower(), parts.scheme) == ("https", "http")
        return bool(self._address.username) and parts.hostname == self._address.hostname and not is_weaker

    def _make_opener(self, *, with_password: bool = True) -> urllib.request.OpenerDirector:
        opener = urllib.request.OpenerDirector()  # one that follows no redirect by itself
        handlers: list[urllib.request.BaseHandler] = [PlainHandler(self), SafeHandler(self)]
        handlers += [urllib.request.HTTPErrorProcessor(), urllib.request.HTTPDefaultErrorHandler()]
        if with_password and self._address.username:
            key = Key(unquote(self._address.username), unquote(self._address.password or ""))
            handlers += [urllib.request.HTTPDigestAuthHandler(key), urllib.request.HTTPBasicAuthHandler(key)]
        for handler in handlers:
            opener.add_handler(handler)
        return opener

    @contextmanager
    def _deadline(self, seconds: float) -> Iterator[threading.Event]:
        """Hang up after `seconds`: a server that trickles its answer would keep us for ever."""
        is_late, before = threading.Event(), set(self._sockets)

        def end() -> None:
            is_late.set()
            with self._lock:
                for connected in self._sockets - before:
                    _hang_up(connected)

        timer = threading.Timer(seconds, end)
        timer.daemon = True
        timer.start()
        try:
            yield is_late
        finally:
            timer.cancel()


def _hang_up(connected: socket.socket) -> None:
    try:
        socket.socket.shutdown(connected, socket.SHUT_RDWR)  # also below TLS, whose own shutdown waits
    except OSError:
        return


def _web_parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        is_web = parts.scheme in {"http", "https"} and bool(parts.hostname)
        _ = parts.port
    except ValueError:
        raise DecodeError("it leads to something that is no http:// or https:// address") from None
    if url.startswith("crypto"):
        raise DecodeError("its parts are encrypted, which is not read here")
    if not is_web:
        raise DecodeError("it leads to something that is no http:// or https:// address")
    return parts


def _onward(url: str, target: str) -> str:
    try:
        return urljoin(url, target)
    except ValueError:
        raise DecodeError("it leads to something that is no http:// or https:// address") from None
