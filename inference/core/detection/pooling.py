"""Moments in time: what has been usual here, and the last two seconds as one vector."""

from collections import deque

import numpy as np

from inference.core.detection.features import FEATURE_NAMES, Moment
from inference.core.detection.silhouettes import Floats

POOL_S = 2.0
"""A moment is judged by the last two seconds: long enough for a blow or a fall, short enough to call in time."""
PEAK_SHARE = 0.25


class Pool:
    """The last `POOL_S` of moments as one vector: the mean and the mean of the highest quarter of every feature."""

    NAMES = tuple(f"{name}.{how}" for how in ("mean", "peak") for name in FEATURE_NAMES)

    def __init__(self) -> None:
        self._moments: deque[tuple[float, Floats]] = deque()

    def reset(self) -> None:
        """Forget the moments."""
        self._moments.clear()

    def update(self, moment: Moment) -> Floats:
        """Take a moment, give `float32 (2 * len(FEATURE_NAMES),)` in the order of `Pool.NAMES`."""
        self._moments.append((moment.time_s, moment.values))
        while moment.time_s - self._moments[0][0] > POOL_S:
            self._moments.popleft()
        values = np.sort(np.stack([vector for _, vector in self._moments]), axis=0)
        top = max(1, round(PEAK_SHARE * len(values)))
        return np.asarray(np.concatenate([values.mean(axis=0), values[-top:].mean(axis=0)]), np.float32)
