"""What is normal at one camera, learnt from its own masked footage, and how far a moment lies from it.

Method: Mahalanobis distance with a shrunk covariance (Ledoit and Wolf, 2004, give the idea; the share is fixed here),
mapped to 0-1 by the camera's own moments. Across cameras one-class detection is at chance; it is for one camera only.
"""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from inference.core.detection.silhouettes import Floats
from inference.core.errors import DetectionError

SHRINK = 0.3
MIN_MOMENTS = 100


@dataclass(frozen=True, slots=True)
class Normality:
    """One camera's ordinary life.

    Attributes:
        mean: `float64 (F,)` of pooled features.
        scale: `float64 (F,)`.
        precision: `float64 (F, F)` inverse covariance of the standardised features.
        distances: `float64 (M,)` distances of the moments learnt from, rising.
    """

    mean: npt.NDArray[np.float64] = field(repr=False)
    scale: npt.NDArray[np.float64] = field(repr=False)
    precision: npt.NDArray[np.float64] = field(repr=False)
    distances: npt.NDArray[np.float64] = field(repr=False)

    def distance(self, pooled: Floats) -> float:
        """Give the distance of a moment from ordinary life, 0 upwards, 1 typical."""
        deviation = np.clip((pooled - self.mean) / self.scale, -6.0, 6.0)
        return float(np.sqrt(deviation @ self.precision @ deviation / len(deviation)))

    def score(self, pooled: Floats) -> float:
        """Give the distance as 0-1: .5 at the 95th percentile of the camera's own moments."""
        usual = float(np.quantile(self.distances, 0.95))
        return float(1.0 - 0.5 ** ((self.distance(pooled) / max(usual, 1e-6)) ** 2))


def learn_normality(pooled: Floats) -> Normality:
    """Learn from `float32 (M, F)` moments of one camera.

    Raises:
        DetectionError: fewer than `MIN_MOMENTS` moments.
    """
    if pooled.ndim != 2 or len(pooled) < MIN_MOMENTS:
        raise DetectionError(f"Normality needs at least {MIN_MOMENTS} moments, got {pooled.shape}.")
    mean = pooled.mean(axis=0, dtype=np.float64)
    scale = np.maximum(pooled.std(axis=0, dtype=np.float64), 1e-3)
    deviations = np.clip((pooled - mean) / scale, -6.0, 6.0)
    covariance = (1 - SHRINK) * np.cov(deviations, rowvar=False) + SHRINK * np.eye(len(mean))
    precision = np.asarray(np.linalg.inv(covariance), np.float64)
    distances = np.sqrt(np.einsum("mf,fg,mg->m", deviations, precision, deviations) / len(mean))
    return Normality(mean, scale, precision, np.asarray(np.sort(distances), np.float64))
