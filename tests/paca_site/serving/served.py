"""PACA's web server in a process of its own, with an application of the tests."""

import os
import queue
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from tests.test_house import CHECKOUT


class Served:
    """The server in a process of its own, and what its application says."""

    def __init__(self, port: int, said: "queue.Queue[str]") -> None:
        self.port, self._said = port, said

    def ask(self) -> socket.socket:
        asking = socket.create_connection(("127.0.0.1", self.port), timeout=20)
        asking.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        return asking

    def hears(self, word: str, within_s: float = 20) -> None:
        ends_at_s = time.monotonic() + within_s
        while self._said.get(timeout=max(0.01, ends_at_s - time.monotonic())) != word:
            pass

    def given_until_quiet(self, quiet_s: float = 0.7) -> int:
        """How many pieces were given when nothing more comes for a moment."""
        last = ""
        while True:
            try:
                last = self._said.get(timeout=quiet_s if last else 20)
            except queue.Empty:
                return int(last.removeprefix("given "))


def listen(out: IO[str], said: "queue.Queue[str]") -> None:
    for line in out:
        said.put(line.strip())


@contextmanager
def served(application: str) -> Iterator[Served]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "paca_site.serving", "-b", "127.0.0.1", "-p", str(port)]
    command.append(f"tests.paca_site.serving.{application}:application")
    said: queue.Queue[str] = queue.Queue()
    with subprocess.Popen(command, cwd=CHECKOUT, env=os.environ, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            listening = threading.Thread(target=listen, args=(process.stdout, said))
            listening.start()
            ends_at_s = time.monotonic() + 20
            while True:
                try:
                    socket.create_connection(("127.0.0.1", port), timeout=1).close()
                    break
                except OSError:
                    assert time.monotonic() < ends_at_s, "the server does not answer"
                    time.sleep(0.05)
            yield Served(port, said)
        finally:
            process.terminate()
            process.wait(20)
            listening.join(5)
