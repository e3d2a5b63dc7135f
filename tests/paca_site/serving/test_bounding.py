"""Bodies and messages that are larger than anything PACA reads are refused before they are stored."""

import contextlib
import socket
import struct
from collections.abc import Iterator

import pytest

from paca_site.serving.bounding import MOST_MESSAGE_BYTES
from paca_site.uploads import MOST_BYTES
from tests.paca_site.serving.served import Served, served

MIB = 1 << 20
POST = b"POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
UPGRADE = (
    b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


@pytest.fixture(scope="module")
def server() -> Iterator[Served]:
    with served("counting") as running:
        yield running


def connected(server: Served) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), timeout=20)


def answer_of(asking: socket.socket) -> bytes:
    answer = b""
    with contextlib.suppress(ConnectionResetError):  # hung up on while we were still sending
        while piece := asking.recv(1 << 16):
            answer += piece
    return answer


def bytes_taken(asking: socket.socket) -> int:
    """How much of a body of 200 MiB, in chunks, is taken before the connection ends."""
    for sent in range(200):
        try:
            asking.sendall(b"%x\r\n" % MIB + bytes(MIB) + b"\r\n")
        except ConnectionError:
            return sent * MIB
    return 200 * MIB


def message(size: int) -> bytes:
    """One binary frame of a browser, masked with zeros (RFC 6455, 5.2)."""
    return b"\x82\xff" + struct.pack(">Q", size) + bytes(4) + bytes(size)


def test_a_body_that_announces_more_than_anything_takes_is_refused_before_a_byte_of_it_is_read(server: Served) -> None:
    with connected(server) as asking:
        asking.sendall(POST + b"Content-Length: %d\r\n\r\n" % (MOST_BYTES + 1))
        assert answer_of(asking).startswith(b"HTTP/1.1 413 ")


def test_a_body_without_a_length_is_hung_up_on_where_it_gets_too_large(server: Served) -> None:
    with connected(server) as asking:
        asking.sendall(POST + b"Transfer-Encoding: chunked\r\n\r\n")
        assert MOST_BYTES - MIB <= bytes_taken(asking) < 2 * MOST_BYTES


def test_a_body_as_large_as_allowed_comes_whole(server: Served) -> None:
    with connected(server) as asking:
        asking.sendall(POST + b"Content-Length: %d\r\n\r\n" % MOST_BYTES + bytes(MOST_BYTES))
        assert answer_of(asking).startswith(b"HTTP/1.1 200 ")
    server.hears(f"body {MOST_BYTES}")


def test_a_message_larger_than_any_page_sends_ends_its_socket(server: Served) -> None:
    with connected(server) as talking:
        talking.sendall(UPGRADE)
        assert talking.recv(1 << 16).startswith(b"HTTP/1.1 101 ")
        talking.sendall(message(MOST_MESSAGE_BYTES))
        server.hears(f"message {MOST_MESSAGE_BYTES}")
        talking.sendall(message(MOST_MESSAGE_BYTES + 1))
        answer_of(talking)
        server.hears("socket closed")
