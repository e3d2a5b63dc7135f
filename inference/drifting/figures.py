"""Whether the last week differs from the four before. Plain arithmetic on counts; the tests are exact by construction.

Scores: days are compared, as what happens within one day hangs together, and each only with days of its own weekday.
Were nothing different, any of these days might as well have been the last; so many draws of "the last" are compared
with the real one (a stratified permutation test), over all thresholds at once. Source: Westfall and Young,
Resampling-Based Multiple Testing, Wiley 1993, section 2; ISBN 0-471-55761-7.

Calibration: among alerts of about the same confidence, those of the last week should be confirmed as often as others;
draws without replacement say how far chance goes (the exact form of Cochran-Mantel-Haenszel, J. Natl. Cancer Inst. 22,
1959, 719-748).
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

WEEK: Final = 7
DAYS: Final = 35
LEAST_HOURS: Final = 6.0
"""Of video scored in a day; one with fewer is left out."""
LEAST_WEEKDAYS: Final = 5
LEAST_BEFORE: Final = 2
"""Days before with which each day of the last week is compared, at least."""
LEAST_DECIDED: Final = (20, 40)
"""Decided alerts of the last week, and of the four before."""
SURE: Final = 0.005
"""Probability up to which a difference is not taken for chance; two questions, so a camera without drift is flagged in
at most 1 of 100 looks."""
FACTOR: Final = 1.5
"""A smaller change of scores is not worth a flag."""
SHIFT: Final = 0.10
"""A smaller change of the share that is confirmed is not worth one."""
DRAWS: Final = 1999
BIN_PERCENT: Final = 20.0


@dataclass(frozen=True, slots=True)
class Day:
    """One day of a camera.

    Attributes:
        ago: days before now, 0 the newest.
        hours: of video that were scored.
        events: started at each threshold.
    """

    ago: int
    hours: float
    events: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ScoreDrift:
    """How scores of the last week compare.

    Attributes:
        p: probability of so large a difference by chance.
        factor: events of the last week in proportion to before, at the threshold where they differ most surely.
        at: index of that threshold.
    """

    p: float
    factor: float
    at: int

    @property
    def is_drift(self) -> bool:
        """Whether it is sure and large enough for a flag."""
        return self.p <= SURE and max(self.factor, 1 / self.factor) >= FACTOR


@dataclass(frozen=True, slots=True)
class Decided:
    """One decided alert: days before now, confidence in percent, and what people said."""

    ago: int
    confidence: float
    is_confirmed: bool


@dataclass(frozen=True, slots=True)
class CalibrationDrift:
    """How decisions of the last week compare.

    Attributes:
        p: probability of so large a difference by chance.
        decided, confirmed: alerts of the last week.
        expected: how many would have been confirmed, by alerts of the same confidence in all five weeks.
    """

    p: float
    decided: int
    confirmed: int
    expected: float

    @property
    def is_drift(self) -> bool:
        """Whether it is sure and large enough for a flag."""
        return self.p <= SURE and abs(self.confirmed - self.expected) >= SHIFT * self.decided


def score_drift(days: Sequence[Day]) -> ScoreDrift | None:
    """Compare the last 7 days with the 28 before; None where too few have been seen."""
    by_weekday: dict[int, dict[int, list[float]]] = defaultdict(dict)
    for day in days:
        if day.ago < DAYS and day.hours >= LEAST_HOURS:
            by_weekday[day.ago % WEEK][day.ago] = [float(np.log((count + 0.5) / day.hours)) for count in day.events]
    usable = [rows for rows in by_weekday.values() if min(rows) < WEEK and len(rows) > LEAST_BEFORE]
    if len(usable) < LEAST_WEEKDAYS:
        return None
    generator = np.random.default_rng(8)
    real, drawn = 0.0, 0.0
    for rows in usable:
        values = np.array([rows[ago] for ago in sorted(rows)])  # the newest first
        count = len(values)
        apart = (values - values.mean(axis=0)) * count / (count - 1)  # each day less the mean of the others
        real = real + apart[0]
        drawn = drawn + apart[generator.integers(count, size=DRAWS)]
    spread = np.std(drawn, axis=0)
    spread = np.where(spread > 0, spread, np.inf)
    far = np.abs(real) / spread
    at = int(np.argmax(far))
    farther = (np.abs(drawn) / spread).max(axis=1) >= far[at] - 1e-9
    return ScoreDrift(
        p=(1 + int(farther.sum())) / (DRAWS + 1), factor=float(np.exp(np.asarray(real)[at] / len(usable))), at=at
    )


def calibration_drift(decided: Sequence[Decided]) -> CalibrationDrift | None:
    """Compare decisions of the last 7 days with the 28 before; None where too few have been taken."""
    known = [one for one in decided if one.ago < DAYS]
    last = [one for one in known if one.ago < WEEK]
    if len(last) < LEAST_DECIDED[0] or len(known) - len(last) < LEAST_DECIDED[1]:
        return None
    generator = np.random.default_rng(8)
    expected, drawn = 0.0, np.zeros(DRAWS)
    for number in {_bin(one) for one in last}:
        inside = [one for one in known if _bin(one) == number]
        confirmed = sum(one.is_confirmed for one in inside)
        newest = sum(one.ago < WEEK for one in inside)
        expected += newest * confirmed / len(inside)
        drawn += generator.hypergeometric(confirmed, len(inside) - confirmed, newest, size=DRAWS)
    real = sum(one.is_confirmed for one in last)
    farther = np.abs(drawn - expected) >= abs(real - expected) - 1e-9
    return CalibrationDrift((1 + int(farther.sum())) / (DRAWS + 1), len(last), real, expected)


def _bin(one: Decided) -> int:
    return min(int(one.confidence / BIN_PERCENT), int(100 / BIN_PERCENT) - 1)
