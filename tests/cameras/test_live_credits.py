"""Acknowledgements as back-pressure, without a socket."""

from cameras.live import Rendition
from cameras.live_credits import (
    MAX_UNACKNOWLEDGED,
    MAX_UNACKNOWLEDGED_FILM,
    MAX_WAITING_FILM,
    SILENCE_S,
    FilmPlace,
    FrameCredits,
)


class Clock:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def pictures(*cameras: int) -> dict[int, Rendition]:
    return dict.fromkeys(cameras, Rendition.FULL)


def film_of(credits: FrameCredits, *numbers: int, keys: tuple[int, ...] = (0,)) -> list[bytes]:
    """Offer frames of camera 7's film, nothing acknowledged; return what was sent."""
    sent: list[bytes] = []
    for number in numbers:
        credits.offer(7, b"%d" % number, FilmPlace(number, is_key=number in keys))
        sent += credits.take()
    return sent


def test_at_most_two_frames_are_unacknowledged_and_the_newest_wins() -> None:
    credits = FrameCredits()
    credits.watch(pictures(7))
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
    credits.watch(pictures(1, 2))
    for number in range(4):
        credits.offer(1, b"a%d" % number)
        credits.take()
    credits.offer(2, b"b")
    assert credits.take() == [b"b"]


def test_frames_of_cameras_that_are_not_watched_go_nowhere() -> None:
    credits = FrameCredits()
    credits.watch(pictures(1))
    credits.offer(2, b"x")
    credits.offer(1, b"y")
    credits.watch(pictures(2))
    assert credits.take() == []


def test_silence_counts_only_while_frames_are_owed() -> None:
    clock = Clock()
    credits = FrameCredits(clock)
    credits.watch(pictures(1))
    clock.now_s += 10 * SILENCE_S
    assert not credits.is_silent
    credits.offer(1, b"x")
    credits.take()
    assert not credits.is_silent
    clock.now_s += SILENCE_S + 0.1
    assert credits.is_silent
    credits.acknowledge(1)
    assert not credits.is_silent


def test_a_film_begins_with_a_key_and_keeps_its_order() -> None:
    credits = FrameCredits()
    credits.watch({7: Rendition.FILM})
    assert film_of(credits, 3, 4, 5, 6, 7, keys=(5,)) == [b"5", b"6", b"7"]
    assert credits.skipped == 2


def test_of_a_film_with_a_hole_nothing_is_sent_until_the_next_key() -> None:
    credits = FrameCredits()
    credits.watch({7: Rendition.FILM})
    assert film_of(credits, 0, 1, 3, 4, 5, 6, keys=(0, 5)) == [b"0", b"1", b"5", b"6"]


def test_a_screen_that_does_not_answer_gets_a_bounded_film_and_goes_on_at_a_key() -> None:
    credits = FrameCredits()
    credits.watch({7: Rendition.FILM})
    late = MAX_UNACKNOWLEDGED_FILM + 3 * MAX_WAITING_FILM
    sent = film_of(credits, *range(late))
    assert len(sent) == MAX_UNACKNOWLEDGED_FILM
    assert credits.skipped == late - MAX_UNACKNOWLEDGED_FILM - MAX_WAITING_FILM
    film_of(credits, late, late + 1, keys=(late,))
    for _ in sent:
        credits.acknowledge(7)
    assert credits.take() == [b"%d" % late, b"%d" % (late + 1)]


def test_looking_again_at_what_may_be_watched_does_not_tear_a_film() -> None:
    credits = FrameCredits()
    credits.watch({7: Rendition.FILM})
    film_of(credits, 0, 1)
    credits.watch({7: Rendition.FILM})
    assert film_of(credits, 2) == [b"2"]


def test_another_form_forgets_what_waited_in_the_old_one() -> None:
    credits = FrameCredits()
    credits.watch({7: Rendition.FILM})
    film_of(credits, *range(MAX_UNACKNOWLEDGED_FILM + 3))
    credits.watch({7: Rendition.TILE})
    assert credits.take() == []
