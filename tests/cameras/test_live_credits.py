"""Acknowledgements as back-pressure, without a socket."""

from cameras.live_credits import MAX_UNACKNOWLEDGED, SILENCE_S, FrameCredits


class Clock:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def test_at_most_two_frames_are_unacknowledged_and_the_newest_wins() -> None:
    credits = FrameCredits()
    credits.watch({7})
    sent = []
    for number in range(10):
        credits.offer(7, b"%d" % number)
        sent += credits.take()
    assert sent == [b"0", b"1"]
    assert len(sent) == MAX_UNACKNOWLEDGED
    credits.acknowledge(7)
    assert credits.take() == [b"9"]
    assert credits.skipped == 7


def test_a_slow_tile_does_not_hold_up_another() -> None:
    credits = FrameCredits()
    credits.watch({1, 2})
    for number in range(4):
        credits.offer(1, b"a%d" % number)
        credits.take()
    credits.offer(2, b"b")
    assert credits.take() == [b"b"]


def test_frames_of_cameras_that_are_not_watched_go_nowhere() -> None:
    credits = FrameCredits()
    credits.watch({1})
    credits.offer(2, b"x")
    credits.offer(1, b"y")
    credits.watch({2})
    assert credits.take() == []


def test_silence_counts_only_while_frames_are_owed() -> None:
    clock = Clock()
    credits = FrameCredits(clock)
    credits.watch({1})
    clock.now_s += 10 * SILENCE_S
    assert not credits.is_silent
    credits.offer(1, b"x")
    credits.take()
    assert not credits.is_silent
    clock.now_s += SILENCE_S + 0.1
    assert credits.is_silent
    credits.acknowledge(1)
    assert not credits.is_silent
