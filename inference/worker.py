"""This worker process: its name, and whether it was told to stop."""

import logging
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from celery.signals import worker_ready, worker_shutting_down
from django.db import DatabaseError, InterfaceError, close_old_connections
from psycopg_pool import PoolTimeout

from inference.heartbeat import Heartbeat
from inference.places import OWN_QUEUE, others_alive
from paca_site.metrics.publishing import MetricsPublisher

logger = logging.getLogger(__name__)

leaving = threading.Event()
"""Set when this worker was told to stop: it takes no turn any more, and others are asked to take over those it has."""

shutting_down = threading.Event()
"""Set when every turn must end within a second, taken over or not."""

DRAIN_S: Final = 12.0
"""How long turns may wait to be taken over; the services' supervisor kills later than that (`embedded/app.py`)."""
_LOOK_S: Final = 0.2
_turns = 0
_turns_lock = threading.Lock()


def worker_name() -> str:
    """Return the name under which this process holds leases."""
    return f"{socket.gethostname()}:{os.getpid()}"


@contextmanager
def turn_counted() -> Iterator[None]:
    """Count a turn as running, so that a worker told to stop knows when it is empty."""
    global _turns
    with _turns_lock:
        _turns += 1
    try:
        yield
    finally:
        with _turns_lock:
            _turns -= 1


def drain(give_up_s: float = DRAIN_S) -> None:
    """Wait until no turn runs here, nobody else could take one, or `give_up_s` have passed; then end the rest."""
    until_s = time.monotonic() + give_up_s
    try:
        while _turns and time.monotonic() < until_s and others_alive(worker_name()):
            time.sleep(_LOOK_S)
    except (DatabaseError, InterfaceError, PoolTimeout) as error:
        logger.warning("Nobody can be asked to take over (%s); all turns end now.", error)
    finally:
        shutting_down.set()
        close_old_connections()
    if _turns:
        logger.warning("%s turns were not taken over and end now.", _turns)


_beating: list[Heartbeat] = []


@worker_ready.connect
def begin_beating(sender: Any, **kwargs: Any) -> None:
    """Start the sign of life of this process."""
    name = str(sender.hostname)[:100]
    MetricsPublisher(name).start()
    heartbeat = Heartbeat(
        name=name,
        queues=sorted(name for name in sender.app.amqp.queues.consume_from if not name.endswith(OWN_QUEUE)),
        threads=int(getattr(sender.pool, "limit", 1) or 1),
    )
    _beating.append(heartbeat)
    heartbeat.start()


@worker_shutting_down.connect
def end_turns(**kwargs: Any) -> None:
    """Tell everybody that this end is meant, and give every running turn away or end it."""
    leaving.set()
    for heartbeat in _beating:
        heartbeat.stop()
    threading.Thread(target=drain, name="drain", daemon=True).start()
