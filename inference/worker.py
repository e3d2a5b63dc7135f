"""This worker process: its name, and whether it was told to stop."""

import os
import socket
import threading
from typing import Any

from celery.signals import worker_ready, worker_shutting_down

from inference.heartbeat import Heartbeat
from paca_site.metrics.publishing import MetricsPublisher

shutting_down = threading.Event()
"""Set when this worker was told to stop: every turn ends within a second, and other workers take the cameras."""


def worker_name() -> str:
    """Return the name under which this process holds leases."""
    return f"{socket.gethostname()}:{os.getpid()}"


_beating: list[Heartbeat] = []


@worker_ready.connect
def begin_beating(sender: Any, **kwargs: Any) -> None:
    """Start the sign of life of this process."""
    name = str(sender.hostname)[:100]
    MetricsPublisher(name).start()
    heartbeat = Heartbeat(
        name=name,
        queues=sorted(sender.app.amqp.queues.consume_from),
        threads=int(getattr(sender.pool, "limit", 1) or 1),
    )
    _beating.append(heartbeat)
    heartbeat.start()


@worker_shutting_down.connect
def end_turns(**kwargs: Any) -> None:
    """Tell every running turn to end, and everybody that this end is meant."""
    shutting_down.set()
    for heartbeat in _beating:
        heartbeat.stop()
