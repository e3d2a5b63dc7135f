import numpy as np
import pytest

from inference.training.evaluation.calibration import (
    calibration_error,
    cross_fitted,
    fit_platt,
    reliability,
    reliability_svg,
)


def sigmoid(values: np.ndarray) -> np.ndarray:
    return np.asarray(1.0 / (1.0 + np.exp(-values)))


def drawn(count: int, slope: float, offset: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Scores whose truth is known: an event with the chance sigmoid(slope * log-odds + offset)."""
    chance = np.random.default_rng(seed)
    scores = chance.uniform(0.01, 0.99, count)
    is_event = chance.random(count) < sigmoid(slope * np.log(scores / (1 - scores)) + offset)
    return scores, is_event


def test_the_line_that_made_the_truth_is_found() -> None:
    slope, offset = fit_platt(*drawn(40_000, 0.6, -1.1))
    assert slope == pytest.approx(0.6, abs=0.03)
    assert offset == pytest.approx(-1.1, abs=0.05)


def test_a_score_that_says_nothing_or_the_contrary_is_flat() -> None:
    scores, is_event = drawn(4000, -1.0, 0.0)
    assert fit_platt(scores, is_event)[0] == 0.0


def test_perfectly_separated_scores_do_not_run_away() -> None:
    slope, offset = fit_platt(np.array([0.1, 0.2, 0.8, 0.9]), np.array([False, False, True, True]))
    assert np.isfinite([slope, offset]).all()
    assert 0.0 < slope < 10.0


def test_calibration_mends_an_error_that_is_known() -> None:
    scores, is_event = drawn(20_000, 0.5, -1.0)
    groups = np.arange(20_000) % 7
    assert calibration_error(scores, is_event) > 0.15
    assert calibration_error(cross_fitted(scores, is_event, groups), is_event) < 0.03


def test_a_group_never_sees_its_own_labels() -> None:
    scores, is_event = drawn(300, 1.0, 0.0)
    groups = np.repeat(np.arange(3), 100)
    before = cross_fitted(scores, is_event, groups)
    is_event[:100] = ~is_event[:100]
    after = cross_fitted(scores, is_event, groups)
    assert np.array_equal(before[:100], after[:100])
    assert not np.allclose(before[100:], after[100:])
    with pytest.raises(ValueError, match="at least 2 source groups, got 1"):
        cross_fitted(scores, is_event, np.zeros(300, np.int64))


def test_the_error_agrees_with_one_worked_out_by_hand() -> None:
    confidences = np.array([0.15, 0.15, 0.95, 0.95])
    is_event = np.array([False, True, True, True])
    assert calibration_error(confidences, is_event) == pytest.approx(0.5 * 0.35 + 0.5 * 0.05)
    bins = reliability(confidences, is_event)
    assert [(one.share, one.count) for one in bins] == [(0.5, 2), (1.0, 2)]
    drawing = reliability_svg(bins, "two bins")
    assert drawing.count("<circle") == 2
    assert "two bins" in drawing
