"""Checks before anything starts: each problem is one clear line, and none is found out half-way."""

import errno
import fcntl
import os
import shutil
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import redis
from django.core.checks import run_checks

from paca_site.embedded.errors import StartError

ENOUGH_BYTES = 1 << 30
COMFORTABLE_BYTES = 5 << 30


def check_python(version: tuple[int, int] | None = None) -> None:
    """Raise `StartError` below Python 3.11; `version` is this interpreter's unless given."""
    major, minor = version or sys.version_info[:2]
    if (major, minor) < (3, 11):
        raise StartError(f"PACA needs Python 3.11 or newer; this is {major}.{minor} (make run PYTHON=python3.12).")


def check_keys_apart() -> None:
    """Raise `StartError` where keys lie with what they open (`cameras/custody/checks.py`)."""
    found = run_checks(tags=["custody"])
    if found:
        raise StartError("\n".join(f"{one.msg} {one.hint}" for one in found))


def check_disk(folder: Path, free_bytes: int | None = None) -> str:
    """Return a warning or an empty string; `free_bytes` is measured on `folder`'s disk unless given.

    Raises:
        StartError: less than 1 GiB is free.
    """
    free = shutil.disk_usage(folder).free if free_bytes is None else free_bytes
    gib = free / (1 << 30)
    if free < ENOUGH_BYTES:
        raise StartError(
            f"The disk of {folder} has {gib:.1f} GiB free and PACA needs at least 1: make room, or set PACA_DATA."
        )
    if free < COMFORTABLE_BYTES:
        return f"The disk of {folder} has only {gib:.1f} GiB free; recordings will fill it soon."
    return ""


def check_port(host: str, port: int) -> None:
    """Raise `StartError` unless the web server can listen on `host`:`port`."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except socket.gaierror as error:
        raise StartError(f"PACA_HOST={host} is not an address of this machine: {error.strerror}.") from error
    with socket.socket(family, kind, protocol) as probe:
        # As the web server does: a port in TIME_WAIT after a stop is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise StartError(
                    f"Port {port} on {host} is used by another program: stop it, or set PACA_PORT={port + 1}."
                ) from error
            raise StartError(f"PACA cannot listen on {host}, port {port}: {error.strerror}.") from error


@contextmanager
def hold_lock(lock: Path, note: str) -> Iterator[None]:
    """Hold the data folder for this process; the kernel lets go when the process ends, so no lock is ever stale.

    Args:
        lock: the lock file; `note` (who holds it) is written into it.
        note: one line.

    Raises:
        StartError: another process holds it.
    """
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.read(descriptor, 500).decode(errors="replace").strip() or "an unknown process"
            raise StartError(
                f"PACA already runs on this data folder ({holder}): stop it first, or set PACA_DATA and PACA_PORT."
            ) from error
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{note}\n".encode())
        yield
    finally:
        os.close(descriptor)


def check_database(url: str, variable: str = "DATABASE_URL") -> None:
    """Raise `StartError` unless the PostgreSQL at `url` (of `variable`) answers; the message holds no password."""
    try:
        psycopg.connect(url, connect_timeout=5).close()
    except psycopg.Error as error:
        reason = (str(error).strip().splitlines() or ["no message"])[-1]
        raise StartError(f"The database of {variable} does not answer: {reason}") from error


def check_broker(url: str) -> None:
    """Raise `StartError` unless the Redis or Valkey at `url` answers."""
    try:
        with redis.from_url(url, socket_connect_timeout=5) as client:
            client.ping()
    except (redis.RedisError, ValueError) as error:
        raise StartError(f"The server of REDIS_URL does not answer: {error}") from error
