"""What a camera's masker knows goes from one turn to the next."""

import threading
import time
from typing import Any

import pytest

from inference.core.masking.cover_all import CoverAllConfig, CoverAllMasker
from inference.services import between_turns, streams
from inference.services.between_turns import KEPT_S, memory_leave, memory_take
from tests.cast import make_camera


@pytest.fixture(autouse=True)
def nothing_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(between_turns, "_left", {})


def test_what_a_turn_leaves_is_taken_once_and_by_the_same_camera() -> None:
    memory_leave(1, 7, "old")
    memory_leave(1, 7, "known")
    assert memory_take(2) == (None, 0)
    assert memory_take(1) == ("known", 7)
    assert memory_take(1) == (None, 0)


def test_a_turn_that_knows_nothing_leaves_nothing_of_an_earlier_one() -> None:
    memory_leave(1, 7, "known")
    memory_leave(1, 7, None)
    assert memory_take(1) == (None, 0)


def test_what_was_left_too_long_ago_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    memory_leave(1, 7, "known")
    now_s = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now_s + KEPT_S + 1)
    memory_leave(2, 7, "newer")
    assert list(between_turns._left) == [2], "not kept until somebody asks for it"


class Remembering(CoverAllMasker):
    """Knows something."""

    taken: list[tuple[object, bool]]

    def take_over(self, memory: object, *, with_view: bool) -> None:
        self.taken.append((memory, with_view))

    def hand_over(self) -> Any:
        return "known"


class NoLine:
    """A pipeline or a reporter that does nothing."""

    def __init__(self, *parts: object, **options: object) -> None:
        pass

    def run(self, *arguments: object, **options: object) -> None:
        pass

    def start(self) -> None:
        pass

    stop = start


@pytest.mark.django_db
@pytest.mark.parametrize("is_saved", [False, True])
@pytest.mark.parametrize("is_live", [True, False])
def test_the_next_turn_of_a_live_camera_goes_on_with_what_the_last_one_knew(
    monkeypatch: pytest.MonkeyPatch, is_live: bool, is_saved: bool
) -> None:
    """A save means that somebody has seen the view; a lost lease, which ends a turn as well, does not."""
    masker = Remembering(CoverAllConfig())
    masker.taken = []
    parts = ("Pipeline", "HealthReporter", "LeakReporter", "Reader", "LivePublisher", "EventSpool", "SegmentRecorder")
    for name in parts:
        monkeypatch.setattr(streams, name, NoLine)
    monkeypatch.setattr(streams, "create_masker", lambda *arguments, **options: masker)
    monkeypatch.setattr(streams, "_detector", lambda camera, masker: (None, None, ""))
    monkeypatch.setattr(streams, "measured_line", lambda *parts: ())
    monkeypatch.setattr(streams, "segment_writer", lambda *parts: None)
    camera = make_camera()
    camera.address = "rtsp://10.0.0.7/stream" if is_live else "/srv/a-film.mp4"
    for _ in range(2):
        streams._run_line(camera, None, None, threading.Event())  # type: ignore[arg-type]  # the line is not built
        camera.version += is_saved
    assert masker.taken == ([(None, False), ("known", not is_saved)] if is_live else [])
