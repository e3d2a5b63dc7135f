"""A worker told to stop gives its cameras away, and waits for nobody who is not there."""

import threading
import time
from collections.abc import Iterator

import pytest
from django.db import OperationalError

from inference import worker


@pytest.fixture(autouse=True)
def told(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """The event that ends every turn; the real one would end those of other tests."""
    told = threading.Event()
    monkeypatch.setattr(worker, "shutting_down", told)
    monkeypatch.setattr(worker, "others_alive", lambda owner: True)
    monkeypatch.setattr(worker, "close_old_connections", lambda: None)
    yield told
    assert told.is_set(), "however it went, every turn ends"


def _drained_in_s(give_up_s: float = 5.0) -> float:
    began_s = time.monotonic()
    worker.drain(give_up_s)
    return time.monotonic() - began_s


def test_without_a_turn_it_ends_at_once() -> None:
    assert _drained_in_s() < 0.5


def test_it_ends_when_its_last_camera_was_taken_over(told: threading.Event) -> None:
    taken = threading.Event()

    def turn() -> None:
        with worker.turn_counted():
            taken.wait(5)

    running = threading.Thread(target=turn)
    running.start()
    draining = threading.Thread(target=worker.drain, args=(5.0,))
    time.sleep(0.1)
    draining.start()
    time.sleep(0.5)
    assert not told.is_set(), "the camera goes on until somebody stands ready"
    taken.set()
    draining.join(2)
    assert not draining.is_alive()
    running.join(1)


def test_where_no_other_worker_lives_nothing_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "others_alive", lambda owner: False)
    with worker.turn_counted():
        assert _drained_in_s() < 0.5


def test_cameras_that_nobody_takes_are_ended_in_time() -> None:
    with worker.turn_counted():
        assert 0.5 <= _drained_in_s(0.6) < 1.5


def test_a_database_that_is_away_holds_nothing_up(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(owner: str) -> bool:
        raise OperationalError("no answer")

    monkeypatch.setattr(worker, "others_alive", away)
    with worker.turn_counted():
        assert _drained_in_s() < 0.5
