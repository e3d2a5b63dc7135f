"""A masker that is late or hangs: nobody waits for it, and nothing late is shown."""

import threading
import time
from collections.abc import Iterator

import pytest

from inference.core.errors import MaskingError
from inference.core.frames import RawFrame
from inference.core.masking.cover_all import CoverAllConfig, CoverAllMasker
from inference.core.masking.stage import MaskingStage, StageConfig
from tests.inference.core.masking.scripted import Scripted, breaking_at, frames, raises, run

QUICK = StageConfig(deadline_ms=150.0, hang_s=0.4)


def test_a_late_answer_is_withheld_and_never_shown_later() -> None:
    def slow(masker: Scripted, frame: RawFrame) -> object:
        time.sleep(0.3)
        return masker.sound(frame)

    with MaskingStage(Scripted(breaking_at(1, slow)), QUICK) as stage:
        shown = [*stage.push(frames()[0]), *stage.push(frames()[1])]
        assert shown[1].withheld == "masking down: the masker is too slow"
        shown += stage.push(frames()[2])
        assert "still busy" in shown[2].withheld
        time.sleep(0.3)
        shown += stage.push(frames()[3])
    assert [frame.index for frame in shown] == [0, 1, 2, 3]
    assert [bool(frame.withheld) for frame in shown] == [False, True, True, False]


class Waiting:
    """A fault that hangs until the test lets go."""

    def __init__(self) -> None:
        self.let_go = threading.Event()

    def __call__(self, masker: Scripted, frame: RawFrame) -> object:
        self.let_go.wait(20)
        return masker.sound(frame)


@pytest.fixture
def waiting() -> Iterator[Waiting]:
    fault = Waiting()
    yield fault
    fault.let_go.set()


def test_a_masker_that_hangs_blocks_nobody_and_is_replaced(waiting: Waiting) -> None:
    given = frames(6)
    with MaskingStage(Scripted(breaking_at(1, waiting)), QUICK) as stage:
        started = time.monotonic()
        shown = [masked for frame in given[:4] for masked in stage.push(frame)]
        assert time.monotonic() - started < 1.0
        assert [bool(frame.withheld) for frame in shown] == [False, True, True, True]
        time.sleep(0.5)
        shown += stage.push(given[4]) + stage.push(given[5])
        waiting.let_go.set()
    assert [frame.index for frame in shown] == list(range(6))
    assert not shown[4].withheld
    assert not shown[5].withheld


def test_maskers_that_always_hang_leave_few_threads_and_show_nothing(waiting: Waiting) -> None:
    before = set(threading.enumerate())
    config = StageConfig(deadline_ms=10.0, hang_s=0.02, max_hanging=2)
    with MaskingStage(Scripted(waiting), config) as stage:
        shown = []
        for frame in frames(12):
            shown += stage.push(frame)
            time.sleep(0.03)
        own = [thread for thread in threading.enumerate() if thread not in before and thread.name == "masking"]
        assert len(own) <= 3
        assert stage.health == "masking down: the masker hangs"
    assert [frame.index for frame in shown] == list(range(12))
    assert all(frame.withheld for frame in shown)


def test_a_stage_ends_its_thread() -> None:
    before = set(threading.enumerate())

    def is_ended() -> bool:
        own = [thread for thread in threading.enumerate() if thread not in before and thread.name == "masking"]
        for thread in own:
            thread.join(5)
        return not any(thread.is_alive() for thread in own)

    with MaskingStage(CoverAllMasker(CoverAllConfig())) as stage:
        run(stage, frames(2))
    assert is_ended()
    stage = MaskingStage(CoverAllMasker(CoverAllConfig()))
    assert set(threading.enumerate()) - before
    del stage
    assert is_ended()


@pytest.mark.parametrize("name", ["deadline_ms", "hang_s", "max_held", "max_hanging"])
def test_a_stage_without_patience_is_refused(name: str) -> None:
    with pytest.raises(MaskingError, match=name):
        StageConfig(**{name: 0})


def test_a_fresh_masker_that_is_late_in_the_making_is_not_waited_for() -> None:
    class Slow(Scripted):
        def fresh(self) -> "Scripted":
            time.sleep(0.3)
            return super().fresh()

    with MaskingStage(Slow(breaking_at(0, raises)), QUICK) as stage:
        given = frames(3)
        shown = [*stage.push(given[0]), *stage.push(given[1])]
        assert shown[1].withheld == "masking down: the masker is too slow"
        time.sleep(0.3)
        shown += stage.push(given[2])
    assert [frame.index for frame in shown] == [0, 1, 2]
    assert all(frame.withheld for frame in shown[:2])
