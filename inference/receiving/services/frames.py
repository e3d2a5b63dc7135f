"""Masked frames of boxes on their way through Valkey: to the wall (edge), or to the worker of the camera (hybrid)."""

from typing import Final

import redis

from cameras.boxes.models import Placement
from cameras.live import LIVE_FIELD, live_key, valkey
from cameras.models import Modality
from inference.core.publishing.wire import unpack_live
from inference.receiving.gate import RefusalError
from inference.receiving.services.reporting import watched

JPEG_START: Final = b"\xff\xd8\xff"
LIVE_KEPT, LINE_KEPT, LIFE_S = 30, 50, 10


def line_key(camera_id: int) -> str:
    """Capped stream of what the box of a hybrid camera sends: masked frames, class maps, tracks."""
    return f"paca:box-frames:{camera_id}"


def frame_take(*, placement: Placement, message: bytes) -> bool:
    """Pass a masked frame on. Returns whether somebody watches the camera.

    Frames of an edge camera that nobody watches are let go at once. Nothing is written to any disk.

    Raises:
        RefusalError: it is no live frame, the camera is masked centrally, or Valkey does not answer.
    """
    try:
        _, jpeg = unpack_live(message)
    except ValueError as error:
        raise RefusalError("malformed", str(error)) from error
    if not jpeg.startswith(JPEG_START):
        raise RefusalError("malformed", "A live frame carries a JPEG picture.")
    camera = placement.camera
    if camera.modality == Modality.CENTRAL:
        raise RefusalError("not-running", f"Camera {camera.pk} is masked centrally now.")
    is_watched = bool(watched([camera.pk]))
    is_edge = camera.modality == Modality.EDGE
    if is_edge and not is_watched:
        return False
    key, kept = (live_key(camera.pk), LIVE_KEPT) if is_edge else (line_key(camera.pk), LINE_KEPT)
    try:
        with valkey().pipeline(transaction=False) as pipe:
            pipe.xadd(key, {LIVE_FIELD: message}, maxlen=kept, approximate=False)
            pipe.expire(key, LIFE_S)
            pipe.execute()
    except redis.RedisError as error:
        raise RefusalError("away", "Live frames cannot be passed on now: Valkey does not answer.") from error
    return is_watched
