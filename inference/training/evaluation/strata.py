"""Figures over groups of people, with intervals: by size, light, crowd and who hides whom.

Intervals are percentile bootstraps over pictures, not people: people in one picture share its light and its view, and
are no independent trials. Source: Efron & Tibshirani, An Introduction to the Bootstrap, 1993, chapters 13 and 17.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from inference.training.evaluation.labelled_pictures import Figure

COVERED, MISSED = 0.9, 0.3
"""A person is covered from this share of their pixels on, and missed below this one."""
DRAWS: Final = 1000
SEED: Final = 1
INTERVAL: Final = (2.5, 97.5)

Interval = list[float] | None
Stratum = dict[str, float | int | list[float] | None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one person fared.

    Attributes:
        frame: number of the frame they are in.
        figure: who.
        hit_px: pixels covered.
        area_px: pixels.
    """

    frame: int
    figure: Figure
    hit_px: int
    area_px: int

    @property
    def share(self) -> float:
        """Share covered, 0-1."""
        return self.hit_px / self.area_px


STRATA: Final[dict[str, dict[str, Callable[[Figure], bool]]]] = {
    "height": {
        "under 16": lambda one: one.height_px < 16,
        "16-32": lambda one: 16 <= one.height_px < 32,
        "32-60": lambda one: 32 <= one.height_px < 60,
        "60-120": lambda one: 60 <= one.height_px < 120,
        "over 120": lambda one: one.height_px >= 120,
    },
    "light": {
        "dark (< 60)": lambda one: one.light < 60,
        "normal": lambda one: 60 <= one.light <= 180,
        "bright (> 180)": lambda one: one.light > 180,
    },
    "crowding": {
        "1": lambda one: one.crowd == 1,
        "2-4": lambda one: 2 <= one.crowd <= 4,
        "5-9": lambda one: 5 <= one.crowd <= 9,
        "10 or more": lambda one: one.crowd >= 10,
    },
    "occlusion": {
        "free": lambda one: not one.is_cut and not one.is_beside,
        "cut by the border": lambda one: one.is_cut,
        "touches another": lambda one: one.is_beside,
    },
}
"""Which people a group holds. Heights in pixels of the 640x360 frame; light is the mean brightness of the picture."""


def stratify(outcomes: Sequence[Outcome]) -> dict[str, dict[str, Stratum]]:
    """Return the figures of each group of `STRATA`: n, recall, covered_90, missed, each with an interval."""
    return {
        kind: {name: _stratum([one for one in outcomes if belongs(one.figure)]) for name, belongs in groups.items()}
        for kind, groups in STRATA.items()
    }


def _stratum(outcomes: Sequence[Outcome]) -> Stratum:
    frames = np.array([one.frame for one in outcomes], np.int64)
    hit, area = (np.array([getattr(one, name) for one in outcomes], float) for name in ("hit_px", "area_px"))
    shares, ones = np.array([one.share for one in outcomes]), np.ones(len(outcomes))
    found: Stratum = {"n": len(outcomes), "pictures": len(np.unique(frames))}
    parts = {"recall": (hit, area), "covered_90": (shares >= COVERED, ones), "missed": (shares < MISSED, ones)}
    for name, (part, whole) in parts.items():
        part, whole = by_frame(frames, part), by_frame(frames, whole)
        found[name] = share(float(part.sum()), float(whole.sum()))
        found[f"{name}_interval"] = ratio_interval(part, whole)
    return found


def by_frame(frames: npt.NDArray[np.int64], values: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Return the sums of `values` `(N,)` for each frame that occurs in `frames` `(N,)`."""
    _, at = np.unique(frames, return_inverse=True)
    return np.bincount(at, weights=np.asarray(values, np.float64)).astype(np.float64)


def share(part: float, whole: float) -> float | None:
    """Return `part / whole`, None where there is nothing to take a part of."""
    return part / whole if whole else None


def ratio_interval(part: npt.ArrayLike, whole: npt.ArrayLike) -> Interval:
    """Return the 95 % interval of `sum(part) / sum(whole)` when the units (frames, clips) are drawn again.

    Args:
        part: `(N,)`, one value per unit.
        whole: `(N,)`.

    Returns:
        `[low, high]`; None with fewer than two units that hold anything: one picture says nothing of the next.
    """
    parts, wholes = np.asarray(part, np.float64), np.asarray(whole, np.float64)
    if np.count_nonzero(wholes) < 2:
        return None
    draws = np.random.default_rng(SEED).integers(0, len(wholes), (DRAWS, len(wholes)))
    sums = wholes[draws].sum(axis=1)
    ratios = parts[draws].sum(axis=1)[sums > 0] / sums[sums > 0]
    low, high = np.percentile(ratios, INTERVAL)
    return [float(low), float(high)]
