"""What a camera's masker knows, kept between two of its turns: who was held at the end of one is held in the next.

In this process only, and for `KEPT_S`: numbers, shapes and a thumbnail of the view, no frame. A turn that goes to
another process, or comes later, starts with nobody followed.
"""

import threading
import time
from typing import Final

KEPT_S: Final = 60.0
"""The next turn begins within seconds; after a longer pause nobody stands where they stood."""

_left: dict[int, tuple[float, int, object]] = {}
_lock = threading.Lock()


def memory_leave(camera_id: int, version: int, memory: object | None) -> None:
    """Keep `memory`, learnt under that version of the camera's settings, for its next turn; None keeps nothing."""
    with _lock:
        _drop_the_old()
        _left.pop(camera_id, None)
        if memory is not None:
            _left[camera_id] = (time.monotonic(), version, memory)


def memory_take(camera_id: int) -> tuple[object | None, int]:
    """Return what the camera's last turn left, once, and the settings' version; None and 0 if nothing, or too old."""
    with _lock:
        _drop_the_old()
        _, version, memory = _left.pop(camera_id, (0.0, 0, None))
        return memory, version


def _drop_the_old() -> None:
    now_s = time.monotonic()
    for camera_id in [one for one, (left_s, *_) in _left.items() if now_s - left_s > KEPT_S]:
        del _left[camera_id]
