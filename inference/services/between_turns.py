"""What a camera's masker knows, kept between two of its turns: who was held at the end of one is held in the next.

In this process only, and for `KEPT_S`: numbers, shapes and a thumbnail of the view, no frame. A turn that goes to
another process, or comes later, starts with nobody followed.
"""

import threading
import time
from typing import Final

KEPT_S: Final = 60.0
"""The next turn begins within seconds; after a longer pause nobody stands where they stood."""

_left: dict[int, tuple[float, object]] = {}
_lock = threading.Lock()


def memory_leave(camera_id: int, memory: object | None) -> None:
    """Keep `memory` for the camera's next turn, in place of what was kept before; None keeps nothing."""
    with _lock:
        _drop_the_old()
        _left.pop(camera_id, None)
        if memory is not None:
            _left[camera_id] = (time.monotonic(), memory)


def memory_take(camera_id: int) -> object | None:
    """Return what the camera's last turn left, once; None if nothing, or too long ago."""
    with _lock:
        _drop_the_old()
        _, memory = _left.pop(camera_id, (0.0, None))
        return memory


def _drop_the_old() -> None:
    now_s = time.monotonic()
    for camera_id in [one for one, (left_s, _) in _left.items() if now_s - left_s > KEPT_S]:
        del _left[camera_id]
