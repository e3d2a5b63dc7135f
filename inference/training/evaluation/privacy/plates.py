"""Number plates that a plate detector finds on vehicles in raw pictures, and in masked ones at the same place.

vehicle-license-plate-detection-barrier-0106 (Open Model Zoo) was made for cars in front of a barrier, so each labelled
vehicle is cut out and shown by itself. At the distance of a street camera it finds next to nothing.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt

from inference.core.errors import CoreError
from inference.core.frames import VEHICLE, Image
from inference.core.openvino_alone import load_openvino
from inference.training.evaluation.label_tracks import overlaps

Floats = npt.NDArray[np.float32]
Box = tuple[int, int, int, int]
Find = Callable[[Image], Floats]

SURE: Final = 0.4
PLATE: Final = 2
"""Its label of a plate; 1 is a vehicle."""
SAME: Final = 0.3
LEAST_PX: Final = 48
"""Shorter side of a vehicle that is looked at."""
SIDE: Final = 300


class PlateFinder:
    """The detector on one thread: `uint8 (H, W, 3)` RGB to `float32 (N, 4)` xyxy pixels."""

    def __init__(self, weights: Path) -> None:
        """Load `weights` (.xml).

        Raises:
            CoreError: there is no such file.
        """
        openvino = load_openvino()

        if not weights.is_file():
            raise CoreError(f"The plate detector {weights} is not there.")
        self._network: Any = openvino.Core().compile_model(str(weights), "CPU", {"INFERENCE_NUM_THREADS": 1})

    def __call__(self, image: Image) -> Floats:
        """Return where plates are, `float32 (N, 4)` xyxy in pixels of `image`."""
        batch = cv2.resize(image, (SIDE, SIDE))[None, ..., ::-1].astype(np.float32)
        rows = np.asarray(next(iter(self._network(np.ascontiguousarray(batch)).values()))).reshape(-1, 7)
        rows = rows[(rows[:, 1] == PLATE) & (rows[:, 2] >= SURE)]
        return np.asarray(rows[:, 3:7] * np.array([image.shape[1], image.shape[0]] * 2), np.float32)


def vehicles(classes: npt.NDArray[np.uint8]) -> list[Box]:
    """Return the xyxy boxes of what human labels `uint8 (H, W)` call vehicles, each patch for itself."""
    _, _, stats, _ = cv2.connectedComponentsWithStats((classes == VEHICLE).astype(np.uint8), connectivity=8)
    boxes = [tuple(int(value) for value in row[:4]) for row in stats[1:]]
    return [(x, y, x + w, y + h) for x, y, w, h in boxes if min(w, h) >= LEAST_PX]


def plates(find: Find, raw: Image, masked: Image, boxes: list[Box]) -> tuple[int, int]:
    """Count plates on vehicles of the raw picture, and those found at the same place of the masked one."""
    counts = [0, 0]
    for left, top, right, bottom in boxes:
        before, after = (find(np.ascontiguousarray(one[top:bottom, left:right])) for one in (raw, masked))
        counts[0] += len(before)
        if len(before) and len(after):
            counts[1] += int((overlaps(before, after).max(axis=1) >= SAME).sum())
    return counts[0], counts[1]
