"""Boxes become tracks: numbers stay, velocities are sane, and the crowd is bounded."""

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from inference.core.errors import MaskingError
from inference.core.frames import PERSON, VEHICLE
from inference.core.masking.tracking import FORBIDDEN, MAX_TRACKS, Track, Tracker, assigned


def boxes(*rows: tuple[float, float, float, float]) -> np.ndarray:
    return np.array(rows, np.float32).reshape(-1, 4)


def people(count: int, class_id: int = PERSON) -> np.ndarray:
    return np.full(count, class_id, np.uint8)


def ids(found: list[Track | None]) -> list[int | None]:
    return [None if track is None else track.id for track in found]


def test_numbers_follow_boxes_in_any_order() -> None:
    tracker = Tracker()
    first = boxes((0, 0, 5, 10), (30, 0, 35, 10), (60, 0, 65, 10))
    assert ids(tracker.update(first, people(3), 0.0)) == [1, 2, 3]
    assert ids(tracker.update((first + 1)[[2, 0, 1]], people(3), 0.1)) == [3, 1, 2]


def test_a_vehicle_never_takes_over_a_person() -> None:
    tracker = Tracker()
    tracker.update(boxes((0, 0, 5, 10)), people(1), 0.0)
    assert ids(tracker.update(boxes((0, 0, 5, 10)), people(1, VEHICLE), 0.1)) == [2]


def test_somebody_far_away_is_somebody_else() -> None:
    tracker = Tracker()
    tracker.update(boxes((0, 0, 5, 10)), people(1), 0.0)
    assert ids(tracker.update(boxes((80, 0, 85, 10)), people(1), 0.1)) == [2]


def test_a_runner_at_a_low_frame_rate_stays_one_track() -> None:
    tracker = Tracker()
    for step in range(6):
        found = tracker.update(boxes((7.0 * step, 0, 7.0 * step + 5, 12)), people(1), step * 0.2)
        assert ids(found) == [1]


def test_the_velocity_is_that_of_the_box_at_any_frame_rate() -> None:
    for fps in (5, 25):
        tracker = Tracker()
        for step in range(fps * 2):
            x = 10.0 * step / fps
            tracker.update(boxes((x, 0, x + 5, 12)), people(1), step / fps)
        (track,) = tracker.tracks
        assert np.allclose(track.velocity, (10.0, 0.0), atol=0.2)
        assert abs(float(track.way(0.2)[0]) - 2.0) < 0.3
        assert 9.0 < float(track.way(100.0)[0]) < 10.5


def test_a_box_that_is_suddenly_half_does_not_speed_up_its_track() -> None:
    tracker = Tracker()
    for step in range(10):
        tracker.update(boxes((20, 10, 25, 30)), people(1), step / 25)
    tracker.update(boxes((20, 10, 25, 18)), people(1), 10 / 25)
    assert not tracker.tracks[0].velocity.any()


def test_a_crowd_beyond_the_limit_is_answered_with_the_biggest_followed() -> None:
    corners = np.array([(x * 3, y * 3) for x in range(40) for y in range(20)], np.float32)
    many = np.concatenate([corners, corners + 2], axis=1)
    many[7, 2:] += 1
    tracker = Tracker()
    found = tracker.update(many, people(len(many)), 0.0)
    assert len(tracker.tracks) == MAX_TRACKS
    assert found[7] is not None
    assert sum(track is None for track in found) == len(many) - MAX_TRACKS


def test_nobody_and_no_time_are_no_trouble() -> None:
    tracker = Tracker()
    assert tracker.update(boxes(), people(0), 0.0) == []
    tracker.update(boxes((0, 0, 5, 10)), people(1), 1.0)
    tracker.update(boxes((1, 0, 6, 10)), people(1), 1.0)
    assert np.isfinite(tracker.tracks[0].velocity).all()


def test_pairs_are_those_of_the_least_sum_also_where_some_are_forbidden() -> None:
    """Against SciPy, on tables of every shape, half of them forbidden: the solver must not take that for infinite."""
    generator = np.random.default_rng(0)
    for _ in range(300):
        rows, columns = generator.integers(1, 30, 2)
        cost = generator.random((rows, columns)) * 3
        cost[generator.random(cost.shape) < 0.5] = FORBIDDEN
        pairs = assigned(cost.astype(np.float32))
        expected = [(r, c) for r, c in zip(*linear_sum_assignment(cost), strict=True) if cost[r, c] < FORBIDDEN]
        assert len(pairs) == len(expected)
        assert sum(cost[r, c] for r, c in pairs) == pytest.approx(sum(cost[r, c] for r, c in expected), abs=1e-5)


def test_a_distance_that_is_no_number_withholds_instead_of_never_ending() -> None:
    with pytest.raises(MaskingError, match="no number"):
        assigned(np.array([[0.5, np.nan]], np.float32))
