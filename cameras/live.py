"""Names and calls in Valkey shared by the workers that mask and the web process that shows: live frames, camera tests.

Live frames are a capped stream per camera and rendition; entries have the field `frame`, packed by
`inference.core.publishing.wire`, and those of a film also `number` and, where it can be begun with, `key`. They hold
masked pictures only and vanish with Valkey.
"""

import functools
from enum import StrEnum

import redis
from django.conf import settings

LIVE_FIELD, NUMBER_FIELD, KEY_FIELD = b"frame", b"number", b"key"
WATCHED_FOR_S = 5
TEST_KEPT_FOR_S = 180
TESTED = "camera test"
"""What an address on its way to the worker that tests it is sealed for."""
FULL_WIDTH, TILE_WIDTH, FILM_WIDTH = 960, 480, 640


class Rendition(StrEnum):
    """The form in which a live view is made: once for everybody, and only while somebody watches it."""

    FULL = "full"
    """Pictures (JPEG), at most `FULL_WIDTH` wide. Camera boxes send this one only."""
    TILE = "tile"
    """Pictures for a small tile, at most `TILE_WIDTH` wide."""
    FILM = "film"
    """H.264, at most `FILM_WIDTH` wide: a fraction of the bytes, but each picture needs those before it."""


@functools.cache
def valkey() -> "redis.Redis":
    """Return this process's client; time-outs are short, as the caller is a person or a camera."""
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=3, socket_connect_timeout=3)


def live_key(camera_id: int, rendition: Rendition = Rendition.FULL) -> str:
    """Capped stream of a camera's masked frames."""
    return f"paca:live:{camera_id}" if rendition == Rendition.FULL else f"paca:live:{camera_id}:{rendition}"


def watched_key(camera_id: int, rendition: Rendition = Rendition.FULL) -> str:
    """Set, with a short life, while somebody watches the camera so; frames are encoded only then."""
    return f"paca:watched:{camera_id}" if rendition == Rendition.FULL else f"paca:watched:{camera_id}:{rendition}"


def lease_key(camera_id: int) -> str:
    """Held by the worker that runs the camera."""
    return f"paca:lease:{camera_id}"


def queued_key(camera_id: int) -> str:
    """Set, with a short life, while a turn of the camera waits in the queue."""
    return f"paca:queued:{camera_id}"


def stop_key(camera_id: int) -> str:
    """Set when the running turn must end now: the camera was stopped or changed."""
    return f"paca:stop:{camera_id}"


def handover_key(camera_id: int) -> str:
    """Held by the worker that stands ready to take the camera over; who runs it then ends and passes the lease on."""
    return f"paca:handover:{camera_id}"


def moving_key(camera_id: int) -> str:
    """Set, with a short life, while the camera is on its way to another worker; holds that worker's name."""
    return f"paca:moving:{camera_id}"


def test_key(token: str) -> str:
    """Result of one camera test, JSON."""
    return f"paca:test:{token}"
