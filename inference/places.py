"""Where cameras can run: the living workers of the queue `streams`, how many places each has, and who is leaving."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from inference.heartbeat import database_now
from inference.models import WorkerState

STREAMS: Final = "streams"
OWN_QUEUE: Final = ".dq2"
"""How Celery names a queue that one worker alone takes tasks from (`celery.utils.nodenames.worker_direct`)."""
ALIVE: Final = timedelta(seconds=6)
"""A worker says every 2 s that it lives; one that missed this much is not given anything."""


@dataclass(frozen=True, slots=True)
class Place:
    """One worker.

    Attributes:
        name: Celery's name of it.
        owner: under which it holds leases.
        room: cameras that it can run at a time.
        is_leaving: told to stop; what it runs should go elsewhere.
    """

    name: str
    owner: str
    room: int
    is_leaving: bool


def places_now() -> list[Place]:
    """Return the workers that live, by the database's clock; one question for the time and one for them."""
    since = database_now() - ALIVE
    return [
        Place(row.name, f"{row.host}:{row.process}", row.threads, row.stopped_at is not None)
        for row in WorkerState.objects.order_by("name")
        if STREAMS in row.queues and (row.seen_at >= since or row.stopped_at is not None)
    ]


def others_alive(owner: str) -> bool:
    """Return whether a worker other than `owner` could take cameras."""
    return any(place.owner != owner and not place.is_leaving for place in places_now())
