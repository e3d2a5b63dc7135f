"""This worker process: its name, and whether it was told to stop."""

import os
import socket
import threading
from typing import Any

from celery.signals import worker_shutting_down

shutting_down = threading.Event()
"""Set when this worker was told to stop: every turn ends within a second, and other workers take the cameras."""


def worker_name() -> str:
    """Return the name under which this process holds leases."""
    return f"{socket.gethostname()}:{os.getpid()}"


@worker_shutting_down.connect
def end_turns(**kwargs: Any) -> None:
    """Tell every running turn to end."""
    shutting_down.set()
