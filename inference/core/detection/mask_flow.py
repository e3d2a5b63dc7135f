"""What one frame shows of people and vehicles, and how the people's mask has moved: found once, used by both experts.

Method: DIS optical flow (Kroeger et al., ECCV 2016, doi 10.1007/978-3-319-46493-0_29; OpenCV's, Apache-2.0) between the
softened person mask of now and of about 0.18 s ago. The fixed distance in time makes 5 and 12.5 frames per second look
alike. Inside a flat silhouette flow is carried in from its outline, so it tells of limbs and of the whole body only.
"""

from collections import deque
from dataclasses import dataclass, field

import cv2
import numpy as np

from inference.core.detection.silhouettes import Blobs, Floats, Grid, find_blobs, to_grid
from inference.core.frames import PERSON, VEHICLE

FLOW_SPAN_S = 0.15
"""Least time between the two masks compared: 2 frames at 12.5 fps (0.16 s), 2 at 10 (0.2 s), 1 at 5 (0.2 s)."""
MAX_SPAN_S = 0.65
"""After a longer gap motion cannot be measured."""


@dataclass(frozen=True, slots=True)
class Look:
    """One frame on the working grid.

    Attributes:
        time_s: stream time.
        cells: `uint8 (gh, gw)`, 1 where a person is.
        blobs: the silhouettes of people.
        vehicles: the silhouettes of vehicles.
        span_s: seconds between the two masks compared, 0 where motion cannot be measured.
        before: `uint8 (gh, gw)`, the mask `span_s` ago; empty where motion cannot be measured.
        flow: `float32 (gh, gw, 2)`, cells moved in `span_s`, x and y, at the silhouettes of now; empty likewise.
    """

    time_s: float
    cells: Grid = field(repr=False)
    blobs: Blobs = field(repr=False)
    vehicles: Blobs = field(repr=False)
    span_s: float
    before: Grid = field(repr=False)
    flow: Floats = field(repr=False)


_NO_GRID: Grid = np.zeros((0, 0), np.uint8)
_NO_FLOW: Floats = np.zeros((0, 0, 2), np.float32)


class MaskFlow:
    """Compares each mask of one camera with the one a fixed time before it."""

    def __init__(self) -> None:
        self._past: deque[tuple[float, Grid, Grid]] = deque()
        self._flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST)
        self._flow.setFinestScale(1)

    def reset(self) -> None:
        """Forget the masks seen."""
        self._past.clear()

    def update(self, class_map: Grid, time_s: float) -> Look:
        """Take one frame; the motion in the answer is empty while no mask is old enough, or none recent enough.

        Args:
            class_map: `uint8 (h, w)` of a masked frame.
            time_s: stream time in seconds, later than before.
        """
        cells = to_grid(class_map, PERSON)
        soft = np.asarray(cv2.GaussianBlur(cells * np.uint8(220), (5, 5), 0), np.uint8)
        while len(self._past) > 1 and time_s - self._past[1][0] >= FLOW_SPAN_S:
            self._past.popleft()
        known = self._past[0] if self._past else None
        self._past.append((time_s, cells, soft))
        span_s, before, flow = 0.0, _NO_GRID, _NO_FLOW
        if known is not None and known[1].shape == cells.shape and FLOW_SPAN_S <= time_s - known[0] <= MAX_SPAN_S:
            span_s, before = time_s - known[0], known[1]
            # From now back to then, so that the vectors lie on the silhouettes of now; turned round afterwards.
            flow = np.asarray(-self._flow.calc(soft, known[2], np.zeros((*cells.shape, 2), np.float32)), np.float32)
        vehicles = find_blobs(to_grid(class_map, VEHICLE))
        return Look(time_s, cells, find_blobs(cells), vehicles, span_s, before, flow)
