import socket

from tests.paca_site.serving.endless import PIECE, PIECES
from tests.paca_site.serving.served import served

ENOUGH = len(PIECE) * PIECES


def read_all(asking: socket.socket) -> int:
    size = 0
    while piece := asking.recv(1 << 20):
        size += len(piece)
    return size


def test_an_answer_waits_for_a_slow_reader_and_comes_whole() -> None:
    with served("endless") as server, server.ask() as asking:
        given = server.given_until_quiet()
        assert given * len(PIECE) < ENOUGH / 4  # what the kernel takes for both ends of a socket, and one piece
        assert read_all(asking) > ENOUGH
        server.hears("whole")


def test_who_reads_nothing_is_hung_up_on_and_the_answer_is_no_longer_made() -> None:
    with served("endless") as server, server.ask():
        server.given_until_quiet()
        server.hears("broken off", within_s=10)


def test_who_hangs_up_ends_the_making_at_once() -> None:
    with served("endless") as server:
        asking = server.ask()
        server.given_until_quiet()
        asking.close()
        server.hears("broken off", within_s=1.8)  # before anybody would be hung up on


def test_one_slow_reader_keeps_nobody_waiting() -> None:
    with served("endless") as server, server.ask():
        server.given_until_quiet()
        with server.ask() as other:
            assert read_all(other) > ENOUGH
