"""The box's way to the server: TLS with the site's own authority, a proxy's nonsense, a connection that was closed."""

import http.server
import json
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from inference.edge.server import AwayError, RefusedError, SignedServer
from tests.certificates import certificate


class Answers(http.server.BaseHTTPRequestHandler):
    """Answers as told; closes the connection after each answer without saying so."""

    status, content = 200, b'{"ok": 1}'
    seen: list[str] = []

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.seen.append(self.headers["PACA-Nonce"])
        self.send_response(self.status)
        self.send_header("Content-Length", str(len(self.content)))
        self.end_headers()
        self.wfile.write(self.content)
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[http.server.ThreadingHTTPServer]:
    Answers.status, Answers.content, Answers.seen = 200, b'{"ok": 1}', []
    running = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=running.serve_forever, daemon=True).start()
    yield running
    running.shutdown()
    running.server_close()


def box_at(server: http.server.ThreadingHTTPServer, scheme: str = "http", ca: Path | None = None) -> SignedServer:
    return SignedServer(f"{scheme}://127.0.0.1:{server.server_port}", ca, 1, Ed25519PrivateKey.generate())


def test_only_a_server_whose_authority_is_named_is_spoken_to(
    server: http.server.ThreadingHTTPServer, tmp_path: Path
) -> None:
    ca = certificate(tmp_path, "127.0.0.1")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(ca, tmp_path / "key.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    assert box_at(server, "https", ca).post("/box/report", {}) == {"ok": 1}
    with pytest.raises(AwayError, match="certificate"):
        box_at(server, "https").post("/box/report", {})
    assert len(Answers.seen) == 1, "nothing was said to a server that nobody vouches for"


def test_a_connection_that_was_closed_meanwhile_is_opened_again_with_another_nonce(
    server: http.server.ThreadingHTTPServer,
) -> None:
    box = box_at(server)
    for _ in range(3):
        assert box.post("/box/report", {}) == {"ok": 1}
    assert len(set(Answers.seen)) == 3


@pytest.mark.parametrize(
    ("status", "content", "expected"),
    [
        (502, b"<html>Bad gateway</html>", AwayError),
        (200, b"<html>Sign in to this network</html>", AwayError),
        (404, b'{"detail": "not PACA"}', AwayError),
        (503, json.dumps({"refused": "away", "text": "Valkey"}).encode(), AwayError),
        (403, json.dumps({"refused": "clock", "text": "70 s off"}).encode(), RefusedError),
        (400, json.dumps({"refused": "malformed", "text": "no"}).encode(), RefusedError),
    ],
)
def test_only_what_paca_refuses_counts_as_refused(
    status: int, content: bytes, expected: type[Exception], server: http.server.ThreadingHTTPServer
) -> None:
    Answers.status, Answers.content = status, content
    with pytest.raises(expected):
        box_at(server).post("/box/report", {})


def test_a_server_that_is_not_there_is_away() -> None:
    with pytest.raises(AwayError, match="does not answer"):
        SignedServer("http://127.0.0.1:9", None, 1, Ed25519PrivateKey.generate()).get("/box/config")
