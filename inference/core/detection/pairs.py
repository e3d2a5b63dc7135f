"""What two people do together: how near they are, whether they close in or part, how agitated both are."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from inference.core.detection.silhouettes import Blobs, Floats, Point, Trail

REACH_HEIGHTS = 0.7
"""People whose silhouettes are nearer than this are within arm's reach."""
APART_HEIGHTS = 3.0
"""Approach is measured between people nearer than this."""
MAX_CLOSING = 4.0
MAX_PEOPLE = 40
"""Pairs are measured among the largest silhouettes; beyond this a crowd is judged by its dense motion."""
_UNKNOWN = (float("nan"),) * 3


@dataclass(frozen=True, slots=True)
class PairFacts:
    """The strongest pair of a frame; 0 where there is none. Units: body heights per second.

    Attributes:
        joint_energy: geometric mean of two neighbours' limb energies, or the limb energy of a merged silhouette.
        closing: fastest approach.
        parting: fastest parting.
    """

    joint_energy: float
    closing: float
    parting: float


@lru_cache(maxsize=MAX_PEOPLE + 1)
def _all_pairs(count: int) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    return np.triu_indices(count, 1)


def measure_pairs(
    blobs: Blobs, trails: list[Trail], before: list[Point | None], limbs: Floats, time_s: float
) -> PairFacts:
    """Measure all pairs of one frame.

    Args:
        blobs: the silhouettes, N of them.
        trails: their trails, in the same order.
        before: where each was half a second ago.
        limbs: `float32 (N,)` limb energy in bh/s.
        time_s: stream time.
    """
    merged = float((limbs * np.clip(2.0 * (blobs.aspects - 0.6), 0.0, 1.0)).max(initial=0.0))
    if len(blobs) < 2:
        return PairFacts(joint_energy=merged, closing=0.0, parting=0.0)
    kept = np.argsort(-blobs.areas)[:MAX_PEOPLE]
    boxes, heights, energy = blobs.boxes[kept], blobs.heights[kept], limbs[kept]
    first, second = _all_pairs(len(kept))
    ruler = np.minimum(heights[first], heights[second])
    # People of very different height on the picture stand at different depths; they are no pair.
    is_level = np.maximum(heights[first], heights[second]) < 1.8 * ruler
    gap_x = np.maximum(boxes[first, 0] - boxes[second, 2], boxes[second, 0] - boxes[first, 2])
    gap_y = np.maximum(boxes[first, 1] - boxes[second, 3], boxes[second, 1] - boxes[first, 3])
    gap = np.maximum(np.maximum(gap_x, gap_y), 0.0) / ruler
    reach = np.clip(1.0 - gap / REACH_HEIGHTS, 0.0, 1.0) * is_level
    joint = float((np.sqrt(energy[first] * energy[second]) * reach).max())
    moved = [(trails[index].points[-1], before[index]) for index in kept.tolist()]
    rates = _distance_rates(blobs.centres[kept], moved, ruler, time_s)
    rates = rates[(gap < APART_HEIGHTS) & is_level & np.isfinite(rates)]
    return PairFacts(
        joint_energy=max(joint, merged),
        closing=float(min(MAX_CLOSING, max(0.0, -rates.min(initial=0.0)))),
        parting=float(min(MAX_CLOSING, max(0.0, rates.max(initial=0.0)))),
    )


def _distance_rates(centres: Floats, moved: list[tuple[Point, Point | None]], ruler: Floats, time_s: float) -> Floats:
    """Change of the distance of every pair over half a second, bh/s; NaN where a silhouette is new or has merged."""
    past = np.array(
        [
            (then[1], then[2], time_s - then[0]) if then is not None and 0.7 < now[5] / then[5] < 1.4 else _UNKNOWN
            for now, then in moved
        ],
        np.float32,
    )
    first, second = _all_pairs(len(moved))
    apart, was_apart = centres[first] - centres[second], past[first, :2] - past[second, :2]
    now_far, then_far = np.hypot(apart[:, 0], apart[:, 1]), np.hypot(was_apart[:, 0], was_apart[:, 1])
    return np.asarray((now_far - then_far) / (ruler * np.maximum(past[first, 2], past[second, 2])), np.float32)
