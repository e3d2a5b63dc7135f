"""Talking to the server: one signed request after the other over one connection, TLS with the site's own authority."""

import http.client
import json
import ssl
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from inference.core.boxes.requests import ENROLMENT, RELEASE, RELEASE_HEADER, public_of, sign, signed_headers
from inference.core.errors import CoreError

TIMEOUT_S: Final = 5.0
MAX_ANSWER_BYTES: Final = 4_000_000


class AwayError(CoreError):
    """The server does not answer; what was to be sent may be sent again."""


class RefusedError(CoreError):
    """The server answers and does not take it.

    Attributes:
        code: one of the words in docs/edge.md.
        status: of HTTP.
    """

    def __init__(self, code: str, text: str, status: int) -> None:
        super().__init__(f"refused ({code}): {text}")
        self.code, self.status = code, status


class Server:
    """One connection to the server, for one thread. It opens itself again where it was closed."""

    def __init__(self, url: str, ca: Path | None) -> None:
        parts = urlsplit(url)
        self._base = parts.path.rstrip("/")
        host, port = parts.hostname or "", parts.port
        self._connection: http.client.HTTPConnection
        if parts.scheme == "https":
            context = ssl.create_default_context(cafile=str(ca) if ca else None)
            context.minimum_version = ssl.TLSVersion.TLSv1_2
            self._connection = http.client.HTTPSConnection(host, port, timeout=TIMEOUT_S, context=context)
        else:
            self._connection = http.client.HTTPConnection(host, port, timeout=TIMEOUT_S)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def ask(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> dict[str, Any]:
        """Send one request and return the JSON object of the answer.

        Raises:
            AwayError: no answer, or none that PACA gives (a proxy's error page).
            RefusedError: the server does not take it.
        """
        try:
            self._connection.request(method, self._base + path, body or None, dict(headers))
            answer = self._connection.getresponse()
            content = answer.read(MAX_ANSWER_BYTES)
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            raise AwayError(f"The server does not answer: {error or type(error).__name__}.") from error
        try:
            told = json.loads(content)
        except ValueError as error:
            raise AwayError(f"Something answers with {answer.status} that is no PACA server.") from error
        if answer.status == 200 and isinstance(told, dict):
            return told
        if answer.status < 500 and isinstance(told, dict) and "refused" in told:
            raise RefusedError(str(told["refused"]), str(told.get("text", "")), answer.status)
        raise AwayError(f"The server answers with {answer.status}.")


class SignedServer:
    """The server as an enrolled box talks to it; safe from several threads, each with its own connection.

    `key` may be replaced at any time: the next request is signed with the new one.
    """

    def __init__(self, url: str, ca: Path | None, box: int, key: Ed25519PrivateKey) -> None:
        self.box, self.key = box, key
        self._url, self._ca = url, ca
        self._base = urlsplit(url).path.rstrip("/")
        self._threads = threading.local()
        self.sent_bytes = 0

    def get(self, path: str) -> dict[str, Any]:
        """Ask for something (`AwayError`, `RefusedError`)."""
        return self._ask("GET", path, b"")

    def post(self, path: str, content: Mapping[str, Any] | bytes) -> dict[str, Any]:
        """Send a JSON object, or bytes as they are (`AwayError`, `RefusedError`)."""
        body = content if isinstance(content, bytes) else json.dumps(content, allow_nan=False).encode()
        return self._ask("POST", path, body)

    def _ask(self, method: str, path: str, body: bytes) -> dict[str, Any]:
        server: Server | None = getattr(self._threads, "server", None)
        is_kept = server is not None
        if server is None:
            server = self._threads.server = Server(self._url, self._ca)
        self.sent_bytes += len(body)
        try:
            return server.ask(method, path, body, self._headers(method, path, body))
        except AwayError:
            if not is_kept:
                raise
        # a connection that was kept open may have been closed by the other side meanwhile: once more, signed anew
        return server.ask(method, path, body, self._headers(method, path, body))

    def _headers(self, method: str, path: str, body: bytes) -> dict[str, str]:
        headers = dict(signed_headers(self.key, self.box, method, self._base + path, body))
        return headers | {"Content-Type": "application/octet-stream"}


def enrol(url: str, ca: Path | None, code: str, key: Ed25519PrivateKey) -> dict[str, Any]:
    """Show the code and the public key to the server, and return what it says (`AwayError`, `RefusedError`)."""
    body = json.dumps({"code": code, "key": public_of(key), "proof": sign(key, ENROLMENT, code)}).encode()
    server = Server(url, ca)
    try:
        return server.ask("POST", "/box/enrol", body, {"Content-Type": "application/json", RELEASE_HEADER: RELEASE})
    finally:
        server.close()
