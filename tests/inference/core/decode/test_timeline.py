import itertools
from collections.abc import Callable

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


@pytest.mark.parametrize(
    "stamp",
    [
        lambda at_s: at_s,
        lambda at_s: 7.0,
        lambda at_s: at_s / 1000,
        lambda at_s: at_s * 30,
        lambda at_s: -at_s,
        lambda at_s: at_s if at_s < 4 else at_s + 40_000,
        lambda at_s: at_s if at_s < 4 else at_s - 3,
        lambda at_s: at_s + (50.0 if int(at_s * 25) % 3 == 0 else 0.0),
    ],
    ids=["right", "frozen", "slow", "fast", "backwards", "far ahead", "back", "torn"],
)
def test_whatever_the_stamps_say_stream_time_goes_with_ours_and_frames_keep_coming(
    stamp: Callable[[float], float],
) -> None:
    timeline, decimator = Timeline(1 / 25, is_live=True, is_timed=True), Decimator(5.0)
    arrivals = [index / 25 for index in range(25 * 30)]
    placed = [(at_s, timeline.place(stamp(at_s), 100.0 + at_s)[0]) for at_s in arrivals]
    times = [pts_s for _, pts_s in placed]
    assert times == sorted(times)
    taken = [at_s for at_s, pts_s in placed if decimator.takes(pts_s) and at_s >= 10]
    assert len(taken) == pytest.approx(100, abs=2)
    assert times[-1] - times[250] == pytest.approx(arrivals[-1] - arrivals[250], abs=0.1)


def test_a_burst_after_a_stalled_line_is_no_reason_to_doubt_a_clock() -> None:
    timeline = Timeline(1 / 25, is_live=True, is_timed=True)
    for index in range(25 * 20):
        made_s = index / 25
        timeline.place(made_s, made_s if not 8 < made_s < 9.5 else 9.5)
    assert timeline.is_believed
