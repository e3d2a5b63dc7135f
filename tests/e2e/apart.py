"""A place for a camera box apart from the server: a network of its own, a Python of its own, TLS in between.

The network is a namespace of Linux with one wire to the server's side and no other way out, so that a box there reaches
nothing but the server's address. Needs root and `ip` (iproute2).
"""

import asyncio
import contextlib
import os
import shutil
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.certificates import certificate
from tests.stack import CHECKOUT

SERVER_ADDRESS: Final = "10.231.77.1"
BOX_ADDRESS: Final = "10.231.77.2"
PIECE_BYTES: Final = 65536


@dataclass(frozen=True)
class Apart:
    """Where the box lives: how commands begin there, its Python, its copy of the program, and where its server is."""

    prefix: tuple[str, ...]
    python: Path
    program: Path
    url: str
    ca: Path
    wire: str

    def pull(self) -> None:
        """Pull the wire out: nothing comes or goes any more, and no connection is told."""
        command(["ip", "link", "set", self.wire, "down"])

    def plug(self) -> None:
        """Plug the wire in again."""
        command(["ip", "link", "set", self.wire, "up"])


@contextlib.contextmanager
def apart(folder: Path, server_port: int) -> Iterator[Apart]:
    """Make that place, with a door of the server on its wire; everything is gone afterwards."""
    name = f"paca-box-{os.getpid()}"
    python, program = own_python(folder), own_program(folder)
    ca = certificate(folder, SERVER_ADDRESS)
    with namespace(name) as wire, tls_door(ca, server_port) as port:
        yield Apart(("ip", "netns", "exec", name), python, program, f"https://{SERVER_ADDRESS}:{port}", ca, wire)


def own_python(folder: Path) -> Path:
    """Make an environment as a box has it: nothing but its requirements; return its interpreter."""
    place = folder / "python"
    command([sys.executable, "-m", "venv", "--without-pip", str(place)])
    python = place / "bin" / "python"
    wanted = CHECKOUT / "inference" / "requirements-edge.txt"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-compile"]
    command([*pip, "--disable-pip-version-check", "-r", str(wanted)])
    for driver in place.glob("lib/python3*/site-packages/openvino/libs/libopenvino_intel_[gn]pu_plugin.so"):
        driver.unlink()  # as docs/edge.md says
    return python


def own_program(folder: Path) -> Path:
    """Copy what a box is given of the repository, `inference/` alone; return the folder that holds it."""
    left_out = shutil.ignore_patterns("__pycache__", "training", "migrations", "management")
    shutil.copytree(CHECKOUT / "inference", folder / "program" / "inference", ignore=left_out)
    return folder / "program"


@contextlib.contextmanager
def namespace(name: str) -> Iterator[str]:
    """Make a network namespace with one wire to here, and no way anywhere else; give the wire's name on this side."""
    here, there = f"pb{os.getpid()}h"[:15], f"pb{os.getpid()}b"[:15]
    command(["ip", "netns", "add", name])
    try:
        command(["ip", "link", "add", here, "type", "veth", "peer", "name", there, "netns", name])
        command(["ip", "address", "add", f"{SERVER_ADDRESS}/30", "dev", here])
        command(["ip", "link", "set", here, "up"])
        within = ["ip", "-netns", name]
        command([*within, "address", "add", f"{BOX_ADDRESS}/30", "dev", there])
        command([*within, "link", "set", there, "up"])
        command([*within, "link", "set", "lo", "up"])
        yield here
    finally:
        command(["ip", "netns", "delete", name])  # takes the wire along


@contextlib.contextmanager
def tls_door(ca: Path, server_port: int) -> Iterator[int]:
    """Answer TLS on the wire and pass on what is said to the server on this machine; give the door's port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(ca, ca.with_name("key.pem"))
    loop = asyncio.new_event_loop()

    async def passed_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", server_port)
        await asyncio.gather(piped(reader, inner_writer), piped(inner_reader, writer), return_exceptions=True)

    opened = asyncio.start_server(passed_on, SERVER_ADDRESS, 0, ssl=context)
    server = loop.run_until_complete(opened)
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)


async def piped(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Pass on what comes until it ends, then say so to the other side."""
    try:
        while piece := await reader.read(PIECE_BYTES):
            writer.write(piece)
            await writer.drain()
    finally:
        writer.close()


def command(words: list[str]) -> None:
    """Run a command.

    Raises:
        RuntimeError: it failed; its last words are told.
    """
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(words[:4])} ...: {done.stderr.strip()[-500:]}")
