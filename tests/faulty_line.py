"""A line between a camera and its reader that fails as told: a TCP relay on loopback, in the test's own process.

`mode` holds for connections under way and for new ones: "pass"; "cut" (all connections end, new ones are refused);
"stall" (connections stay, no byte passes); "garbage" (noise in place of what the camera sends); "hang" (connections
under way are cut, new ones are taken and never answered).
"""

import contextlib
import os
import socket
import threading

MODES = ("pass", "cut", "stall", "garbage", "hang")
PIECE_BYTES = 65_536


class FaultyLine:
    """The relay to `port`; `self.port` is where the reader connects to."""

    def __init__(self, port: int) -> None:
        self.mode = "pass"
        self._target = port
        self._ended = threading.Event()
        self._sockets: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._listener = self._listen(0)
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, name="line-accept", daemon=True).start()

    def fail(self, mode: str) -> None:
        """Fail in this way from now on; "pass" mends the line."""
        if mode not in MODES:
            raise ValueError(f"The mode must be one of {', '.join(MODES)}, got {mode!r}.")
        self.mode = mode
        if mode in ("cut", "hang"):
            self._drop()

    def close(self) -> None:
        """End the relay and all its connections."""
        self._ended.set()
        self._drop()
        self._listener.close()

    def _listen(self, port: int) -> socket.socket:
        listener = socket.create_server(("127.0.0.1", port))
        listener.settimeout(0.1)
        return listener

    def _drop(self) -> None:
        with self._lock:
            for each in self._sockets:
                with contextlib.suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while not self._ended.is_set():
            try:
                near, _ = self._listener.accept()
            except TimeoutError:
                continue
            except OSError:
                return
            if self.mode == "cut":
                near.close()
                continue
            threading.Thread(target=self._carry, args=(near,), name="line", daemon=True).start()

    def _carry(self, near: socket.socket) -> None:
        with near, socket.create_connection(("127.0.0.1", self._target), 3.0) as far:
            with self._lock:
                self._sockets |= {near, far}
            there = threading.Thread(target=self._pump, args=(near, far, False), name="line", daemon=True)
            there.start()
            self._pump(far, near, True)
            there.join()
            with self._lock:
                self._sockets -= {near, far}

    def _pump(self, source: socket.socket, sink: socket.socket, is_camera: bool) -> None:
        is_new_and_hangs = self.mode == "hang"
        source.settimeout(0.1)
        while not self._ended.is_set():
            if self.mode == "stall" or (is_new_and_hangs and self.mode == "hang"):
                if self._is_gone(source):
                    break
                self._ended.wait(0.02)
                continue
            try:
                data = source.recv(PIECE_BYTES)
                if not data:
                    break
                sink.sendall(os.urandom(len(data)) if self.mode == "garbage" and is_camera else data)
            except TimeoutError:
                continue
            except OSError:
                break
        for each in (source, sink):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def _is_gone(self, source: socket.socket) -> bool:
        try:
            return source.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
        except BlockingIOError:
            return False
        except OSError:
            return True
