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
    memory_leave(1, "old")
    memory_leave(1, "known")
    assert memory_take(2) is None
    assert memory_take(1) == "known"
    assert memory_take(1) is None


def test_a_turn_that_knows_nothing_leaves_nothing_of_an_earlier_one() -> None:
    memory_leave(1, "known")
    memory_leave(1, None)
    assert memory_take(1) is None


def test_what_was_left_too_long_ago_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    memory_leave(1, "known")
    now_s = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now_s + KEPT_S + 1)
    memory_leave(2, "newer")
    assert list(between_turns._left) == [2], "not kept until somebody asks for it"


class Remembering(CoverAllMasker):
    """Knows something."""

    taken: list[object]
    asked: list[bool]

    def take_over(self, memory: object) -> None:
        self.taken.append(memory)

    def hand_over(self, *, with_view: bool) -> Any:
        self.asked.append(with_view)
        return f"turn {len(self.asked)}"


class NoLine:
    """A pipeline or a reporter that does nothing."""

    ends: threading.Event | None = None

    def __init__(self, *parts: object) -> None:
        pass

    def run(self, *arguments: object, **options: object) -> None:
        if self.ends is not None:
            self.ends.set()

    def start(self) -> None:
        pass

    stop = start


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "taken"), [("rtsp://10.0.0.7/stream", [None, "turn 1"]), ("/srv/a-film.mp4", [])], ids=["live", "file"]
)
@pytest.mark.parametrize("is_changed", [False, True])
def test_the_next_turn_of_a_live_camera_goes_on_with_what_the_last_one_knew(
    monkeypatch: pytest.MonkeyPatch, address: str, taken: list[object], is_changed: bool
) -> None:
    masker = Remembering(CoverAllConfig())
    masker.taken, masker.asked = [], []
    for name in ("Pipeline", "HealthReporter", "Reader", "LivePublisher", "EventSpool", "SegmentRecorder"):
        monkeypatch.setattr(streams, name, NoLine)
    monkeypatch.setattr(streams, "create_masker", lambda *arguments, **options: masker)
    monkeypatch.setattr(streams, "_detector", lambda camera, masker: (None, ""))
    monkeypatch.setattr(streams, "measured_line", lambda *parts: ())
    monkeypatch.setattr(streams, "segment_writer", lambda *parts: None)
    ended = threading.Event()
    monkeypatch.setattr(NoLine, "ends", ended if is_changed else None)
    camera = make_camera()
    camera.address = address
    for _ in range(2):
        streams._run_line(camera, None, None, ended)  # type: ignore[arg-type]  # the line is not built
    assert masker.taken == taken
    assert masker.asked == [not is_changed] * len(taken), "somebody who saved the page has seen the view"
