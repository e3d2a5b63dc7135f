"""One camera, one worker: a short lease in Valkey says who may run it, a fence in PostgreSQL says whose writes count.

The lease is quick and may be lost with Valkey. The fence is durable: claiming raises it by one, and every write of a
stream names the fence it was claimed with. A worker that was thought dead and wakes up finds its fence passed by.
"""

import logging
import threading
import uuid
from dataclasses import dataclass

import redis
from django.db import transaction
from django.db.models import F

from cameras.live import lease_key, stop_key, valkey
from inference.models import StreamState, StreamStatus

logger = logging.getLogger(__name__)

LEASE_MS = 3000
RENEW_S = 0.8
RENEW_SCRIPT = """
local owner = redis.call('GET', KEYS[1])
if owner == ARGV[1] then redis.call('PEXPIRE', KEYS[1], ARGV[2]) return 1 end
if not owner then redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2]) return 1 end
return 0
"""
RELEASE_SCRIPT = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to run one camera: `token` holds the key in Valkey, `fence` guards the writes in PostgreSQL."""

    camera_id: int
    owner: str
    token: str
    fence: int


def lease_claim(*, camera_id: int, owner: str) -> Lease | None:
    """Take the camera's lease if nobody holds it; raises its fence. Read the camera only afterwards.

    Raises:
        redis.RedisError: Valkey does not answer.
    """
    token = f"{owner}/{uuid.uuid4().hex}"
    if not valkey().set(lease_key(camera_id), token, nx=True, px=LEASE_MS):
        return None
    valkey().delete(stop_key(camera_id))  # this turn reads the camera after this and so needs no telling
    with transaction.atomic():
        StreamState.objects.get_or_create(camera_id=camera_id)
        StreamState.objects.filter(pk=camera_id).update(
            fence=F("fence") + 1, owner=owner, status=StreamStatus.CONNECTING, reason="", **StreamState.new_turn()
        )
        fence = StreamState.objects.values_list("fence", flat=True).get(pk=camera_id)
    return Lease(camera_id=camera_id, owner=owner, token=token, fence=fence)


def lease_release(lease: Lease) -> None:
    """Give the lease back, so that the next turn need not wait for it to expire."""
    try:
        valkey().eval(RELEASE_SCRIPT, 1, lease_key(lease.camera_id), lease.token)
    except redis.RedisError as error:
        logger.warning("camera %s: lease not given back (%s); it expires by itself", lease.camera_id, error)


class LeaseKeeper(threading.Thread):
    """Renews a lease until stopped, and sets `ended` when the turn must end: lease lost, or camera changed.

    While Valkey does not answer, nobody else can claim the camera either: the turn goes on, and the lease is taken
    again when Valkey is back. Writes stay guarded by the fence all the while.
    """

    def __init__(self, lease: Lease, ended: threading.Event) -> None:
        super().__init__(name=f"lease-{lease.camera_id}", daemon=True)
        self._lease = lease
        self._ended = ended
        self._stopped = threading.Event()

    def run(self) -> None:
        """Renew every `RENEW_S` seconds."""
        while not self._stopped.wait(RENEW_S):
            try:
                if not self._renew():
                    logger.warning("camera %s: another worker holds the lease; this turn ends", self._lease.camera_id)
                    self._ended.set()
                    return
                if valkey().delete(stop_key(self._lease.camera_id)):
                    logger.info("camera %s: changed or stopped; this turn ends", self._lease.camera_id)
                    self._ended.set()
            except redis.RedisError as error:
                logger.warning(
                    "camera %s: Valkey does not answer (%s); the camera goes on", self._lease.camera_id, error
                )

    def stop(self) -> None:
        """End renewing."""
        self._stopped.set()

    def _renew(self) -> bool:
        return bool(valkey().eval(RENEW_SCRIPT, 1, lease_key(self._lease.camera_id), self._lease.token, LEASE_MS))
