"""How often alerts like one were right at a camera, from few decisions: shrunk to its site and to all cameras.

Beta-binomial: the share of confirmed alerts differs from camera to camera like a draw from a beta distribution. What is
known of other cameras is the expectation for this one, worth as many decided alerts as the cameras are alike; its own
decisions then move it. A camera of which nothing is known says what the others say, and one with a long record speaks
for itself.
Source: Efron and Morris, JASA 70 (1975), doi 10.1080/01621459.1975.10479864 (shrinkage);
analysis-of-variance estimate of the correlation within groups: Ridout, Demétrio and Firth, Biometrics 55 (1999),
doi 10.1111/j.0006-341X.1999.00137.x.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

ENOUGH = 10.0
"""Fewer decided alerts, counted and borrowed, say nothing about the next one."""
STRENGTH = 10.0
"""Decided alerts that the other cameras are worth while there are too few cameras to measure how alike they are."""
LEAST_STRENGTH, MOST_STRENGTH = 3.0, 50.0
CAMERAS_TO_COMPARE = 10
DEVIATIONS = 1.645
"""Of a normal distribution, around 90 % of it."""


@dataclass(frozen=True, slots=True)
class Tally:
    """Decided alerts of one camera, and how many of them were confirmed."""

    decided: int
    confirmed: int

    def __post_init__(self) -> None:
        if not 0 <= self.confirmed <= self.decided:
            raise ValueError(f"`confirmed` must be 0 to `decided` ({self.decided}), got {self.confirmed}.")


@dataclass(frozen=True, slots=True)
class Share:
    """What share of alerts was confirmed, as far as is known.

    Attributes:
        mean: 0-1.
        deviation: standard deviation of what is known, 0-1.
        weight: decided alerts this rests on, counted and borrowed.
    """

    mean: float
    deviation: float
    weight: float

    @property
    def is_enough(self) -> bool:
        """Whether this is worth saying."""
        return self.weight >= ENOUGH

    @property
    def low(self) -> float:
        """Lower end of the 90 % interval, 0-1."""
        return max(0.0, self.mean - DEVIATIONS * self.deviation)

    @property
    def high(self) -> float:
        """Upper end of the 90 % interval, 0-1."""
        return min(1.0, self.mean + DEVIATIONS * self.deviation)


def confirmed_share(here: Tally, site: Sequence[Tally], elsewhere: Sequence[Tally]) -> Share:
    """Estimate the share of confirmed alerts at one camera.

    Args:
        here: the camera.
        site: the other cameras of its site.
        elsewhere: cameras of other sites.
    """
    strength = camera_strength([here, *site, *elsewhere])
    confirmed, dismissed = 0.5, 0.5  # Jeffreys: before anything is known
    for others in (elsewhere, site):
        for tally in others:
            # alerts of one camera resemble each other: the more there are, the less each of them tells of cameras
            worth = (strength + 1.0) / (strength + tally.decided)
            confirmed += worth * tally.confirmed
            dismissed += worth * (tally.decided - tally.confirmed)
        # how cameras differ, and how well their mean is known, both make the expectation weaker
        kept = strength / (strength + confirmed + dismissed)
        confirmed, dismissed = confirmed * kept, dismissed * kept
    confirmed, dismissed = confirmed + here.confirmed, dismissed + here.decided - here.confirmed
    total = confirmed + dismissed
    mean = confirmed / total
    return Share(mean, sqrt(mean * (1.0 - mean) / (total + 1.0)), total)


def camera_strength(tallies: Sequence[Tally]) -> float:
    """Estimate how many of its own decided alerts the record of the other cameras is worth to a camera.

    Many where all cameras are confirmed alike, few where each is a world of its own. What is measured on few cameras is
    itself uncertain, so `STRENGTH` counts like `CAMERAS_TO_COMPARE` cameras beside them.
    """
    known = [tally for tally in tallies if tally.decided]
    cameras, total = len(known), sum(tally.decided for tally in known)
    if cameras < 2 or total <= cameras:
        return STRENGTH
    confirmed = sum(tally.confirmed for tally in known)
    squares = sum(tally.confirmed**2 / tally.decided for tally in known)
    between = (squares - confirmed**2 / total) / (cameras - 1)
    within = (confirmed - squares) / (total - cameras)
    size = (total - sum(tally.decided**2 for tally in known) / total) / (cameras - 1)
    spread = between + (size - 1.0) * within
    measured = max(0.0, (between - within) / spread) if spread > 0.0 else 0.0
    likeness = (cameras * measured + CAMERAS_TO_COMPARE / (1.0 + STRENGTH)) / (cameras + CAMERAS_TO_COMPARE)
    return min(MOST_STRENGTH, max(LEAST_STRENGTH, (1.0 - likeness) / likeness))
