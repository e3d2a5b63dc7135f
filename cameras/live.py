"""Names and calls in Valkey shared by the workers that mask and the web process that shows: live frames, camera tests.

Live frames are a capped stream per camera; entries have one field, `frame`, packed by `inference.core.publishing.wire`.
They hold masked pictures only and vanish with Valkey.
"""

import functools

import redis
from django.conf import settings

LIVE_FIELD = b"frame"
WATCHED_FOR_S = 5
TEST_KEPT_FOR_S = 180


@functools.cache
def valkey() -> "redis.Redis":
    """Return this process's client; time-outs are short, as the caller is a person or a camera."""
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=3, socket_connect_timeout=3)


def live_key(camera_id: int) -> str:
    """Capped stream of a camera's masked frames."""
    return f"paca:live:{camera_id}"


def watched_key(camera_id: int) -> str:
    """Set, with a short life, while somebody watches the camera; frames are encoded only then."""
    return f"paca:watched:{camera_id}"


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
