"""When counts are surely above the budget: two unlucky samples are not, a masker that fails is."""

import random

import pytest

from inference.leaking.judging import Record, is_above


def above(**counts: int) -> bool:
    return is_above(Record(None, **counts), budget=50, people=200)


def test_two_unlucky_samples_stop_no_camera() -> None:
    assert not above(frames=60, people=200, leaks=2, leak_frames=2)
    assert not above(frames=60, people=200, leaks=80, leak_frames=2)  # two crowds, all of them open


def test_a_masker_that_leaves_a_fifth_open_does() -> None:
    assert above(frames=200, people=400, leaks=80, leak_frames=60)


def test_fewer_people_than_the_least_say_nothing() -> None:
    assert not above(frames=150, people=199, leaks=150, leak_frames=150)
    assert above(frames=150, people=200, leaks=150, leak_frames=150)


def test_no_people_and_no_leaks_have_no_lower_end() -> None:
    assert Record(None, frames=10).per_1000 is None
    rate = Record(None, frames=100, people=1000).per_1000
    assert rate is not None
    assert (rate.value, rate.low) == (0.0, 0.0)
    assert rate.high == pytest.approx(3.69, abs=0.05)  # exact: 3.689


def test_the_interval_follows_frames_with_a_leak_and_not_people_in_them() -> None:
    apart = Record(None, frames=100, people=400, leaks=40, leak_frames=40).per_1000
    together = Record(None, frames=100, people=400, leaks=40, leak_frames=5).per_1000
    assert apart is not None
    assert together is not None
    assert apart.value == together.value == 100.0
    assert together.low < apart.low < 100.0 < apart.high < together.high


def test_a_camera_that_leaks_as_much_as_is_allowed_is_rarely_called_above() -> None:
    """400 days of 480 people, of whom 50 of 1,000 are open, several at once in a frame: at most 2.5 % are stopped."""
    generator = random.Random(8)
    stopped = 0
    for _ in range(400):
        leaks = leak_frames = 0
        for _ in range(120):
            open_here = 4 if generator.random() < 0.05 else 0
            leaks += open_here
            leak_frames += open_here > 0
        stopped += above(frames=120, people=480, leaks=leaks, leak_frames=leak_frames)
    assert stopped <= 16
