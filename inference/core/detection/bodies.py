"""Each silhouette of a moment as a few numbers: where it stands, how large it is, how fast it moves."""

from typing import Final

import numpy as np

from inference.core.detection.features import Moment
from inference.core.detection.silhouettes import Blobs, Floats

BODY_NAMES: Final = ("across", "foot", "height", "width", "speed", "vehicle")
"""`across`, `foot`: place of the middle and of the lowest edge, 0-1 of width and height of the picture; `height`,
`width`: natural logarithms of the shares of the picture's height; `speed`: logarithm of `SLOW` + bh/s; `vehicle`: 1 for
a vehicle (its speed is not measured), else 0."""
SLOW: Final = 0.3
"""bh/s: differences among those who hardly move say nothing."""


def describe_bodies(moment: Moment, vehicles: Blobs) -> Floats:
    """Give `float32 (N, len(BODY_NAMES))` of the people and vehicles of a moment."""
    people, count = moment.blobs, len(moment.blobs)
    boxes = np.concatenate([people.boxes, vehicles.boxes])
    rows, columns = moment.grid_shape
    result = np.zeros((len(boxes), len(BODY_NAMES)), np.float32)
    result[:, 0] = (boxes[:, 0] + boxes[:, 2]) / (2.0 * columns)
    result[:, 1] = boxes[:, 3] / rows
    result[:, 2] = np.log((boxes[:, 3] - boxes[:, 1]) / rows)
    result[:, 3] = np.log((boxes[:, 2] - boxes[:, 0]) / rows)
    result[:count, 4] = np.log(SLOW + moment.speeds)
    result[count:, 4] = np.log(SLOW)
    result[count:, 5] = 1.0
    return result
