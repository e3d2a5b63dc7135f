"""Drift that was put in is found, and where there is none hardly anything is flagged: on generated cameras."""

import numpy as np
import pytest

from inference.drifting.figures import (
    DAYS,
    WEEK,
    Day,
    Decided,
    calibration_drift,
    score_drift,
)

RATES = np.array([4.0, 2.0, 1.0, 0.4, 0.1, 0.02])
"""Events an hour at six thresholds."""
WEEKLY = np.array([1.0, 1.1, 0.9, 1.0, 1.6, 2.2, 0.5])
"""A street is not the same on a Saturday."""


def days(seed: int, factor: float = 1.0, *, count: int = DAYS, hours: float = 20.0) -> list[Day]:
    """Days whose events hang together (gamma), with a weekly cycle; those of the last week times `factor`."""
    generator = np.random.default_rng(seed)
    made = []
    for ago in range(count):
        mood = generator.gamma(8.0, 1 / 8.0) * WEEKLY[ago % WEEK] * (factor if ago < WEEK else 1.0)
        seen = hours * generator.uniform(0.6, 1.0)
        made.append(Day(ago, float(seen), tuple(int(one) for one in generator.poisson(RATES * mood * seen))))
    return made


def decided(seed: int, before: float, last: float, each_day: int = 6) -> list[Decided]:
    """Alerts confirmed in proportion to their confidence, times `before` or, in the last week, `last`."""
    generator = np.random.default_rng(seed)
    made = []
    for ago in range(DAYS):
        for _ in range(each_day):
            confidence = float(generator.uniform(10, 100))
            share = confidence / 100 * (last if ago < WEEK else before)
            made.append(Decided(ago, confidence, bool(generator.random() < share)))
    return made


def flagged(found: object) -> bool:
    assert found is not None
    return bool(found.is_drift)  # type: ignore[attr-defined]


def test_without_drift_few_cameras_are_flagged_for_their_scores() -> None:
    assert sum(flagged(score_drift(days(seed))) for seed in range(200)) <= 5


@pytest.mark.parametrize(("factor", "most"), [(3.0, 38), (2.0, 28), (0.5, 28)])
def test_drift_that_was_put_in_is_found_at_most_cameras(factor: float, most: int) -> None:
    found = [score_drift(days(seed, factor)) for seed in range(40)]
    assert sum(flagged(one) for one in found) >= most
    assert np.median([one.factor for one in found if one]) == pytest.approx(factor, rel=0.15)


def test_a_surely_different_week_that_differs_little_is_no_drift() -> None:
    calm = [Day(ago, 24.0, (10_000 + ago % 3 + (1500 if ago < WEEK else 0),)) for ago in range(DAYS)]
    found = score_drift(calm)
    assert found is not None
    assert found.p < 0.005
    assert found.factor == pytest.approx(1.15, abs=0.01)
    assert not found.is_drift


def test_days_of_few_hours_and_weeks_of_few_days_are_not_compared() -> None:
    assert score_drift(days(1, hours=5.0)) is None
    assert score_drift(days(1, count=14)) is None  # one day before for each
    assert score_drift([day for day in days(1) if day.ago >= 3]) is None  # only four of the last week
    assert score_drift([day for day in days(1) if day.ago >= 2]) is not None
    assert score_drift([]) is None


def test_a_camera_that_never_sees_anything_does_not_drift() -> None:
    found = score_drift([Day(ago, 24.0, (0, 0)) for ago in range(DAYS)])
    assert found is not None
    assert (found.p, found.is_drift) == (1.0, False)


def test_without_drift_few_cameras_are_flagged_for_their_decisions() -> None:
    assert sum(flagged(calibration_drift(decided(seed, 0.6, 0.6))) for seed in range(200)) <= 5


def test_alerts_that_mean_less_than_before_are_found() -> None:
    found = [calibration_drift(decided(seed, 0.9, 0.3)) for seed in range(40)]
    assert sum(flagged(one) for one in found) >= 36
    assert all(one and one.confirmed < one.expected for one in found)


def test_other_confidence_with_the_same_meaning_is_no_drift_of_calibration() -> None:
    """The last week has sure alerts only: many more are confirmed, as their confidence says."""
    flags = 0
    for seed in range(50):
        kept = [
            one for one in decided(seed, 0.9, 0.9, 14) if (one.confidence > 60) == (one.ago < WEEK) or one.ago >= WEEK
        ]
        flags += flagged(calibration_drift(kept))
    assert flags <= 2


def test_a_small_shift_is_no_flag_however_sure() -> None:
    many = decided(1, 0.8, 0.74, 3000)
    found = calibration_drift(many)
    assert found is not None
    assert found.p < 0.005
    assert not found.is_drift


def test_few_decisions_are_not_compared() -> None:
    assert calibration_drift(decided(1, 0.5, 0.5, 2)) is None  # 14 in the last week
    assert calibration_drift([one for one in decided(1, 0.5, 0.5) if one.ago < 12]) is None  # 30 before
    assert calibration_drift([]) is None
