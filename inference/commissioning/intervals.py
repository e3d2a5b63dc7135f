"""Intervals around a share and around a rate, from few counts. Plain arithmetic."""

from dataclasses import dataclass
from math import sqrt
from typing import Final

DEVIATIONS: Final = 1.959964
"""Of a normal distribution, around 95 % of it."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A value and its 95 % interval."""

    value: float
    low: float
    high: float


def wilson(hits: int, count: int) -> Interval:
    """Return the share `hits / count`, 0 to 1, with its score interval.

    Source: Wilson (1927), doi 10.1080/01621459.1927.10502953.

    Raises:
        ValueError: `count` is not positive, or `hits` is not within 0 to `count`.
    """
    if count <= 0 or not 0 <= hits <= count:
        raise ValueError(f"`hits` must be 0 to `count` and `count` above 0, got {hits} of {count}.")
    share, z2 = hits / count, DEVIATIONS**2
    middle = (share + z2 / (2 * count)) / (1 + z2 / count)
    half = DEVIATIONS * sqrt(share * (1 - share) / count + z2 / (4 * count**2)) / (1 + z2 / count)
    return Interval(share, 0.0 if hits == 0 else middle - half, 1.0 if hits == count else middle + half)


def poisson_rate(events: int, exposure: float) -> Interval:
    """Return the rate `events / exposure` with its interval, by Byar's approximation of the exact one.

    Source: Breslow and Day, Statistical Methods in Cancer Research II, IARC 1987, equation 2.13; ISBN 92-832-0182-3.

    Raises:
        ValueError: `exposure` is not positive, or `events` is negative.
    """
    if exposure <= 0 or events < 0:
        raise ValueError(f"`exposure` must be above 0 and `events` not negative, got {exposure} and {events}.")
    low = 0.0 if events == 0 else events * _byar(events, -1)
    return Interval(events / exposure, low / exposure, (events + 1) * _byar(events + 1, 1) / exposure)


def _byar(count: int, side: int) -> float:
    factor = 1 - 1 / (9 * count) + side * DEVIATIONS / (3 * sqrt(count))
    return max(0.0, factor) ** 3
