"""Counts as the public may read them: a small one is told as a range, and so is everything made of it.

A total is worked out from what was published, never from what was counted. So everything that is told of a table is a
function of its published cells, and two tables that differ in small counts only are told alike: nobody can take the
shown cells from a total and be left with a hidden one.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext

HIDDEN_BELOW: Final = 5
"""Counts from 1 up to here are not told: few events in a month can be known people (the usual rule of statistics
offices for tables of persons; a zero tells of nobody and stays)."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A count as it is told: it lies from `low` to `high`, both included.

    Raises:
        ValueError: `low` is negative or above `high`.
    """

    low: int
    high: int

    def __post_init__(self) -> None:
        if not 0 <= self.low <= self.high:
            raise ValueError(f"A figure needs 0 <= low <= high, got {self.low} and {self.high}.")

    @property
    def is_exact(self) -> bool:
        """Whether the count itself is told."""
        return self.low == self.high

    def __str__(self) -> str:
        if self.is_exact:
            return str(self.low)
        if (self.low, self.high) == (1, HIDDEN_BELOW - 1):
            return gettext("fewer than {hidden_below}").format(hidden_below=HIDDEN_BELOW)
        return gettext("{low} to {high}").format(low=self.low, high=self.high)


def publish(count: int) -> Figure:
    """Return what is told of a count.

    Raises:
        ValueError: it is negative.
    """
    if 0 < count < HIDDEN_BELOW:
        return Figure(1, HIDDEN_BELOW - 1)
    return Figure(count, count)


def total(parts: Iterable[Figure]) -> Figure:
    """Return the sum of published figures; of counts that are told elsewhere nothing else may be summed."""
    told = list(parts)
    return Figure(sum(part.low for part in told), sum(part.high for part in told))
