"""What `urllib` needs to connect as we say: to a checked number, following nothing by itself."""

import http.client
import socket
import ssl
import urllib.error
import urllib.request
from functools import partial
from typing import Any, Protocol
from urllib.parse import SplitResult

from inference.core.decode.address import hide_secrets
from inference.core.errors import DecodeError


class NoAnswerError(DecodeError):
    """A place that may be asked gave no (useful) answer; another segment of the stream may."""


class Ways(Protocol):
    """Who connects; `web.WebAccess` is one."""

    def connect(self, host: str, port: int, timeout_s: float) -> socket.socket:
        """Return a connected socket, or raise."""

    def know(self, connected: socket.socket) -> None:
        """Take note of a connection that others may have to end."""


class Key(urllib.request.HTTPPasswordMgr):
    """The camera's user and password, for whatever realm asks; who may ask is decided before."""

    def __init__(self, user: str, password: str) -> None:
        super().__init__()
        self._pair = user, password

    def find_user_password(self, realm: str | None, authuri: object) -> tuple[str | None, str | None]:
        """Return the pair."""
        return self._pair


class PlainHandler(urllib.request.HTTPHandler):
    """http:// through `ways`."""

    def __init__(self, ways: Ways) -> None:
        super().__init__()
        self._ways = ways

    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        """Send one request."""
        return self.do_open(partial(_Plain, ways=self._ways), req)


class SafeHandler(urllib.request.HTTPSHandler):
    """https:// through `ways`; encrypted, but whose certificate it is is not asked: cameras sign their own."""

    def __init__(self, ways: Ways) -> None:
        super().__init__()
        self._ways = ways
        self._tls = ssl.create_default_context()
        self._tls.check_hostname = False
        self._tls.verify_mode = ssl.CERT_NONE

    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        """Send one request."""
        return self.do_open(partial(_Safe, ways=self._ways, tls=self._tls), req)


class Answer(http.client.HTTPResponse):
    """An answer that knows its connection, so that whoever waits for it can be freed."""

    def __init__(self, sock: socket.socket, *arguments: Any, **options: Any) -> None:
        super().__init__(sock, *arguments, **options)
        self.connected = sock


class _Plain(http.client.HTTPConnection):
    response_class = Answer

    def __init__(self, host: str, *, ways: Ways, **options: Any) -> None:
        super().__init__(host, **options)
        self._ways = ways

    def connect(self) -> None:
        self.sock = self._ways.connect(self.host, self.port, float(self.timeout or 0))
        self._ways.know(self.sock)


class _Safe(_Plain):
    default_port = http.client.HTTPS_PORT

    def __init__(self, host: str, *, ways: Ways, tls: ssl.SSLContext, **options: Any) -> None:
        super().__init__(host, ways=ways, **options)
        self._tls = tls

    def connect(self) -> None:
        super().connect()
        sock = self._tls.wrap_socket(self.sock, server_hostname=self.host, do_handshake_on_connect=False)
        self.sock = sock
        self._ways.know(sock)  # it is another object, and the handshake may hang
        sock.do_handshake()


def host_of(parts: SplitResult) -> str:
    """Return host and port, without user and password."""
    return parts.netloc.rpartition("@")[2]


def reason_of(error: Exception) -> str:
    """Say what went wrong, without the address."""
    inner = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(inner, TimeoutError):
        return "no answer in time"
    words = getattr(inner, "strerror", None) or str(inner) or type(inner).__name__
    return hide_secrets(str(words)).rstrip(".")
