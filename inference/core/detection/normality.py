"""What is normal at one camera, learnt from its own masked footage, and how far a moment lies above it.

Method: one-class, per measurement: the moment's largest upward deviations from the camera's own ordinary life, in
standard deviations, mapped to 0-1 by the camera's own moments. Only more counts: an empty picture is not unusual.
Across cameras one-class detection is at chance; this is for one camera only.
"""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from inference.core.detection.silhouettes import Floats
from inference.core.errors import DetectionError

MIN_MOMENTS = 100
LARGEST = 6
"""So many measurements must agree that there is more than usual."""
MAX_DEVIATION = 8.0


@dataclass(frozen=True, slots=True)
class Normality:
    """One camera's ordinary life.

    Attributes:
        mean: `float64 (F,)` of pooled features.
        scale: `float64 (F,)`.
        usual: distance that 5 % of the camera's own moments exceed.
    """

    mean: npt.NDArray[np.float64] = field(repr=False)
    scale: npt.NDArray[np.float64] = field(repr=False)
    usual: float = 1.0

    def distance(self, pooled: Floats) -> float:
        """Give how far a moment is above ordinary life: mean of its `LARGEST` deviations, 0 upwards."""
        deviation = np.clip((pooled - self.mean) / self.scale, 0.0, MAX_DEVIATION)
        return float(np.sort(deviation)[-LARGEST:].mean())

    def score(self, pooled: Floats) -> float:
        """Give the distance as 0-1: .5 at the 95th percentile of the camera's own moments."""
        return float(1.0 - 0.5 ** ((self.distance(pooled) / self.usual) ** 2))


def learn_normality(pooled: Floats) -> Normality:
    """Learn from `float32 (M, F)` moments of one camera.

    Raises:
        DetectionError: fewer than `MIN_MOMENTS` moments.
    """
    if pooled.ndim != 2 or len(pooled) < MIN_MOMENTS:
        raise DetectionError(f"Normality needs at least {MIN_MOMENTS} moments, got {pooled.shape}.")
    mean = pooled.mean(axis=0, dtype=np.float64)
    scale = np.maximum(pooled.std(axis=0, dtype=np.float64), 1e-3)
    known = Normality(mean, scale)
    distances = [known.distance(moment) for moment in pooled]
    return Normality(mean, scale, max(1e-6, float(np.quantile(distances, 0.95))))
