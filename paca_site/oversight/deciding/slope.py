"""Whether one thing grows or falls with another: a straight line by least squares, and how well its slope is known.

Source: White, Econometrica 48 (1980), doi 10.2307/1912934 (errors that need not be alike); small samples corrected as
by MacKinnon and White, Journal of Econometrics 29 (1985), doi 10.1016/0304-4076(85)90158-7 (HC3).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Final

DEVIATIONS: Final = 1.645
"""Of a normal distribution, around 90 % of it."""
ENOUGH: Final = 30
"""Fewer points say nothing about a trend."""


@dataclass(frozen=True, slots=True)
class Slope:
    """How much `y` changes with one more of `x`.

    Attributes:
        value: the estimate.
        low, high: its 90 % interval.
        points: on how many it rests.
    """

    value: float
    low: float
    high: float
    points: int

    @property
    def rises(self) -> bool:
        """Whether it surely rises."""
        return self.low > 0.0

    @property
    def falls(self) -> bool:
        """Whether it surely falls."""
        return self.high < 0.0


def slope_of(points: Sequence[tuple[float, float]]) -> Slope | None:
    """Return the slope of points (x, y); None of fewer than `ENOUGH`, or where all have the same x."""
    if len(points) < ENOUGH:
        return None
    count = len(points)
    mean_x, mean_y = sum(x for x, _ in points) / count, sum(y for _, y in points) / count
    square = sum((x - mean_x) ** 2 for x, _ in points)
    if square <= 1e-12:
        return None
    value = sum((x - mean_x) * (y - mean_y) for x, y in points) / square
    variance = 0.0
    for x, y in points:
        leverage = 1.0 / count + (x - mean_x) ** 2 / square
        rest = (y - mean_y - value * (x - mean_x)) / max(1e-9, 1.0 - leverage)
        variance += ((x - mean_x) * rest / square) ** 2
    half = DEVIATIONS * sqrt(variance)
    return Slope(value, value - half, value + half, count)
