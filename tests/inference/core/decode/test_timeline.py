import itertools

import pytest

from inference.core.decode.timeline import Decimator, Timeline


def test_a_quarter_of_the_rate_takes_every_fifth_frame() -> None:
    decimator = Decimator(5.0)
    taken = [index for index in range(250) if decimator.takes(index / 25)]
    assert len(taken) in (50, 51)
    assert {after - before for before, after in itertools.pairwise(taken[1:])} == {5}


def test_jitter_costs_no_frame_where_the_rates_are_equal() -> None:
    decimator = Decimator(5.0)
    taken = [decimator.takes(index / 5 + (0.03 if index % 2 else -0.03)) for index in range(1, 200)]
    assert all(taken)


def test_after_a_hole_frames_are_taken_at_the_old_rate_and_not_all_at_once() -> None:
    decimator = Decimator(5.0)
    times = [index / 25 for index in range(25)] + [60 + index / 25 for index in range(25)]
    assert sum(decimator.takes(at_s) for at_s in times) <= 12


def test_time_starts_at_zero_and_goes_on_where_stamps_are_missing() -> None:
    timeline = Timeline(0.1, is_live=True)
    assert [timeline.place(stamp_s)[0] for stamp_s in (7.0, 7.1, None, 7.3)] == pytest.approx([0.0, 0.1, 0.2, 0.3])


def test_a_clock_that_jumps_back_is_a_discontinuity_and_time_goes_on() -> None:
    timeline = Timeline(0.1, is_live=True)
    timeline.place(50.0)
    timeline.place(50.1)
    assert timeline.place(3.0) == pytest.approx((0.2, True))
    assert timeline.place(3.1) == pytest.approx((0.3, False))


def test_a_long_pause_in_a_file_is_kept_and_is_a_discontinuity() -> None:
    timeline = Timeline(0.1, is_live=False)
    timeline.place(0.0)
    assert timeline.place(3600.5) == (3600.5, True)


def test_a_file_that_starts_again_continues_one_frame_later() -> None:
    timeline = Timeline(0.1, is_live=False)
    timeline.place(0.0)
    timeline.place(0.1)
    timeline.restart()
    assert timeline.place(0.0) == pytest.approx((0.2, True))
    assert timeline.place(0.1) == pytest.approx((0.3, False))
