"""One camera, one worker: a short lease in Valkey says who may run it, a fence in PostgreSQL says whose writes count.

The lease is quick and may be lost with Valkey. The fence is durable: claiming raises it by one, and every write of a
stream names the fence it was claimed with. A worker that was thought dead and wakes up finds its fence passed by.
"""

import logging
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass

import redis
from django.db import transaction
from django.db.models import F

from cameras.live import handover_key, lease_key, stop_key, valkey
from inference.models import StreamState, StreamStatus

logger = logging.getLogger(__name__)

LEASE_MS = 2400
RENEW_S = 0.6
"""A dead worker's cameras run elsewhere within 5 s: its lease ends, the dispatcher looks, the next one connects."""
RENEW_SCRIPT = """
local owner = redis.call('GET', KEYS[1])
if owner == ARGV[1] then redis.call('PEXPIRE', KEYS[1], ARGV[2]) return 1 end
if not owner then redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2]) return 1 end
return 0
"""
# Passed on to the worker that stands ready, if one does: no third can step in between.
RELEASE_SCRIPT = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
local ready = redis.call('GET', KEYS[2])
if ready then
  redis.call('DEL', KEYS[2])
  redis.call('SET', KEYS[1], ready, 'PX', ARGV[2])
  return 2
end
return redis.call('DEL', KEYS[1])
"""


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
    token = lease_token(owner)
    if not valkey().set(lease_key(camera_id), token, nx=True, px=LEASE_MS):
        return None
    return lease_fence(camera_id=camera_id, owner=owner, token=token)


def lease_token(owner: str) -> str:
    """Return a new token of a worker; `lease_owner` reads its name back."""
    return f"{owner}/{uuid.uuid4().hex}"


def lease_owner(held: bytes | str) -> str:
    """Return the worker that holds a lease, from what stands in Valkey."""
    return text_of(held).rpartition("/")[0]


def text_of(value: bytes | str) -> str:
    """Return what Valkey gave as text; its client's types leave open which it is."""
    return value if isinstance(value, str) else value.decode(errors="replace")


def lease_fence(*, camera_id: int, owner: str, token: str) -> Lease:
    """Raise the fence of a camera whose lease this worker holds by `token`: nothing older writes any more."""
    valkey().delete(stop_key(camera_id))  # this turn reads the camera after this and so needs no telling
    with transaction.atomic():
        StreamState.objects.get_or_create(camera_id=camera_id)
        StreamState.objects.filter(pk=camera_id).update(
            fence=F("fence") + 1, owner=owner, status=StreamStatus.CONNECTING, reason="", **StreamState.new_turn()
        )
        fence = StreamState.objects.values_list("fence", flat=True).get(pk=camera_id)
    return Lease(camera_id=camera_id, owner=owner, token=token, fence=fence)


def lease_release(lease: Lease) -> None:
    """Give the lease to the worker that stands ready, or back, so that the next turn need not wait for its end."""
    keys = lease_key(lease.camera_id), handover_key(lease.camera_id)
    try:
        valkey().eval(RELEASE_SCRIPT, len(keys), *keys, lease.token, LEASE_MS)
    except redis.RedisError as error:
        logger.warning("camera %s: lease not given back (%s); it expires by itself", lease.camera_id, error)


class LeaseKeeper(threading.Thread):
    """Renews a lease until stopped, and sets `ended` when the turn must end: lease lost, camera changed or taken over.

    While Valkey does not answer, nobody else can claim the camera either: the turn goes on, and the lease is taken
    again when Valkey is back. Writes stay guarded by the fence all the while.

    Attributes:
        must_stay: asked before the camera is given to another worker that stands ready; it may wait.
    """

    def __init__(self, lease: Lease, ended: threading.Event) -> None:
        super().__init__(name=f"lease-{lease.camera_id}", daemon=True)
        self._lease = lease
        self._ended = ended
        self._stopped = threading.Event()
        self.must_stay: Callable[[], bool] = lambda: False

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
                if valkey().exists(handover_key(self._lease.camera_id)) and not self.must_stay():
                    logger.info("camera %s: another worker stands ready; this turn ends", self._lease.camera_id)
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
