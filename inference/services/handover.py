"""Taking a running camera over without a gap: build its line, mask its first frame, then ask for the lease.

The worker that runs the camera goes on until this one stands ready, then ends its turn and passes the lease on in one
step (`leases.RELEASE_SCRIPT`). Whoever dies in between: the lease ends by itself after 2.4 s, as always; the fence
keeps the one that comes late from writing.
"""

import logging
import time
from typing import Final

from django.db import close_old_connections

from cameras.live import handover_key, lease_key, moving_key, valkey
from cameras.models import Camera
from cameras.running import reasons_against
from inference.core.decode.reader import Reader
from inference.core.errors import CoreError
from inference.core.masking.stage import MaskingStage
from inference.leases import LEASE_MS, lease_fence, lease_token
from inference.services.demo import is_still_made
from inference.services.streams import Line, line_build, turn_run
from inference.worker import leaving, worker_name

logger = logging.getLogger(__name__)

FIRST_FRAME_S: Final = 8.0
"""A camera that gives a second reader no frame that can be masked within this time (some serve one only) stays."""
ASKED_S: Final = 8.0
"""How long the other worker is waited for; it may have an event to see through."""
LOOK_S: Final = 0.05
WITHDRAW_SCRIPT = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"


def stream_take_over(camera_id: int) -> str:
    """Take over a camera that another worker runs, and run it for one turn.

    Side effects: those of a turn; before it, a second connection to the camera for a moment.

    Returns:
        How it went, in a word.

    Raises:
        redis.RedisError: Valkey does not answer; the camera stays where it is.
    """
    try:
        return _take_over(camera_id)
    finally:
        valkey().delete(moving_key(camera_id))
        close_old_connections()


def _take_over(camera_id: int) -> str:
    camera = Camera.objects.select_related("site", "retention").filter(pk=camera_id, is_enabled=True).first()
    if camera is None or reasons_against([camera]) or is_still_made(camera.address):
        return "not taken over: it may not run"
    try:
        line = line_build(camera)
    except CoreError:
        logger.exception("camera %s: no masker here, so it stays where it is", camera_id)
        return "not taken over: no masker"
    line.reader.start()
    try:
        if not _can_mask(line):
            return f"not taken over: no masked frame, the camera is {line.reader.state}"
        token = lease_token(worker_name())
        if not _ask(camera_id, token, line.reader):
            return "not taken over: it was not given"
        valkey().delete(moving_key(camera_id))
        return turn_run(lease_fence(camera_id=camera_id, owner=worker_name(), token=token), line)
    finally:
        line.reader.stop()


def _can_mask(line: Line) -> bool:
    """Mask frames that nobody sees until one succeeds: the network is compiled for this size before it is needed."""
    until_s = time.monotonic() + FIRST_FRAME_S
    with MaskingStage(line.masker.fresh()) as trial:
        while time.monotonic() < until_s and not leaving.is_set():
            frame = line.reader.get(LOOK_S)
            if frame is not None:
                trial.push(frame)
                if trial.health == "ok":
                    return True
    return False


def _ask(camera_id: int, token: str, reader: Reader) -> bool:
    """Stand ready until the lease is ours, also where the other worker dies meanwhile; False: it was not given."""
    lease, handover = lease_key(camera_id), handover_key(camera_id)
    if not valkey().set(handover, token, nx=True, px=round(ASKED_S * 1000)):
        return False
    until_s = time.monotonic() + ASKED_S
    while time.monotonic() < until_s and not leaving.is_set():
        held = valkey().get(lease)
        if held == token.encode() or (held is None and valkey().set(lease, token, nx=True, px=LEASE_MS)):
            valkey().eval(WITHDRAW_SCRIPT, 1, handover, token)
            return True
        reader.get(LOOK_S)  # unmasked frames pass unseen; the line begins with the newest
    if valkey().eval(WITHDRAW_SCRIPT, 1, handover, token):
        return False
    return bool(valkey().get(lease) == token.encode())  # passed on at the last moment
