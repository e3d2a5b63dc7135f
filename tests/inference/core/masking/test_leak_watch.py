"""The leak watch: whom it counts, that it keeps nothing, and that no camera waits for it."""

import gc
import threading
import time
import weakref
from collections.abc import Callable
from datetime import UTC, datetime

import numpy as np
import pytest

from inference.core.frames import Image, RawFrame
from inference.core.leak_counts import LeakCounts, Look
from inference.core.masking.base import Probabilities
from inference.core.masking.cover_all import CoverAllConfig, CoverAllMasker
from inference.core.masking.leak_watch import CameraWatch, LeakWatch
from inference.core.masking.paca_seg import PacaSegConfig, PacaSegMasker
from inference.core.masking.second_look import look
from inference.core.masking.stage import MaskingStage
from inference.core.masking.style import STYLES
from inference.core.masking.withhold import withhold
from tests.inference.core.masking.scene import PatternNetwork, raw

PEOPLE = [(20, 20, 50, 100), (80, 20, 110, 100)]
HOUR = datetime(2026, 11, 24, 3, tzinfo=UTC)


class GatedNetwork(PatternNetwork):
    """Finds the pattern when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.go = threading.Event()

    def probabilities(self, image: Image) -> Probabilities:
        self.go.wait(10)
        return super().probabilities(image)


class BrokenNetwork(PatternNetwork):
    def probabilities(self, image: Image) -> Probabilities:
        raise ValueError(f"secret {image[0, 0, 0]}")


def until(is_so: Callable[[], bool]) -> None:
    ends_s = time.monotonic() + 10
    while not is_so():
        assert time.monotonic() < ends_s
        time.sleep(0.005)


def counted(watch: CameraWatch) -> LeakCounts:
    found: list[LeakCounts] = []

    def is_there() -> bool:
        found.extend(watch.take())
        return any(one.frames or one.failed for one in found)

    until(is_there)
    assert len(found) == 1
    return found[0]


def through(masker: PacaSegMasker | CoverAllMasker, watch: CameraWatch, frames: list[RawFrame]) -> None:
    with MaskingStage(masker, watch=watch) as stage:
        for frame in frames:
            stage.push(frame)
        stage.flush()


def at_once(network: PatternNetwork) -> CameraWatch:
    return CameraWatch(LeakWatch(1.0), lambda: network, 0.0)


def seen(*boxes: tuple[int, int, int, int], shown: list[tuple[int, int, int, int]]) -> Look:
    frame = raw(boxes)
    masked = frame.image.copy()
    for left, top, right, bottom in shown:
        masked[top:bottom, left:right] = (96, 108, 130)
    return look(frame.image, masked, PatternNetwork())


def test_people_who_are_covered_are_no_leak_and_who_is_open_is_one() -> None:
    assert seen(*PEOPLE, shown=PEOPLE) == Look(2, 0)
    assert seen(*PEOPLE, shown=PEOPLE[:1]) == Look(2, 1)
    assert seen(*PEOPLE, shown=[]) == Look(2, 2)


def test_a_tenth_left_open_is_allowed_and_a_quarter_is_a_leak() -> None:
    assert seen((20, 20, 50, 100), shown=[(20, 20, 50, 96)]).leaks == 0
    assert seen((20, 20, 50, 100), shown=[(20, 20, 50, 80)]).leaks == 1


def test_nobody_and_people_under_forty_lines_are_not_judged() -> None:
    assert seen(shown=[]) == Look(0, 0)
    assert seen((20, 20, 26, 30), shown=[]) == Look(0, 0)  # 10 of 120 lines are 30 of 360


@pytest.mark.parametrize("style", STYLES)
def test_whatever_the_style_a_masked_person_is_no_leak(style: str) -> None:
    masker = PacaSegMasker(PacaSegConfig(style=style, look_ahead_s=0.0), PatternNetwork())
    frame = raw(PEOPLE)
    (masked,) = masker.push(frame)
    assert look(frame.image, masked.image, PatternNetwork()) == Look(2, 0)


def test_the_stage_shows_the_watch_what_a_blind_masker_leaves_open() -> None:
    watch = at_once(PatternNetwork())
    through(PacaSegMasker(PacaSegConfig(), PatternNetwork(blind=range(9))), watch, [raw(PEOPLE)])
    one = counted(watch)
    assert (one.frames, one.people, one.leaks, one.leak_frames, one.failed) == (1, 2, 2, 1, 0)
    assert one.hour.minute == 0


def test_a_masker_that_sees_leaves_no_leak() -> None:
    watch = at_once(PatternNetwork())
    through(PacaSegMasker(PacaSegConfig(), PatternNetwork()), watch, [raw(PEOPLE)])
    one = counted(watch)
    assert (one.people, one.leaks, one.leak_frames) == (2, 0, 0)


def test_nothing_of_a_frame_outlives_the_look() -> None:
    watch = at_once(PatternNetwork())
    frame = raw(PEOPLE)
    image = weakref.ref(frame.image)
    through(CoverAllMasker(CoverAllConfig()), watch, [frame])
    counted(watch)
    del frame
    until(lambda: gc.collect() >= 0 and image() is None)


def test_a_camera_never_waits_and_what_is_not_looked_at_is_counted() -> None:
    network = GatedNetwork()
    watch = at_once(network)
    started_s = time.monotonic()
    through(CoverAllMasker(CoverAllConfig()), watch, [raw(PEOPLE, index) for index in range(5)])
    assert time.monotonic() - started_s < 5
    assert sum(one.skipped for one in watch.take()) == 4
    network.go.set()
    assert counted(watch).frames == 1


def test_the_interval_is_kept_and_withheld_frames_are_no_samples() -> None:
    busy = CameraWatch(LeakWatch(1.0), PatternNetwork, 3600.0)
    frame = raw(PEOPLE)
    busy.see(frame, CoverAllMasker(CoverAllConfig()).push(frame)[0])
    watch = at_once(PatternNetwork())
    watch.see(frame, withhold(frame, "no"))
    time.sleep(0.05)
    assert busy.take() == watch.take() == []


def test_the_watch_rests_so_long_that_its_share_of_a_core_is_kept() -> None:
    class SlowNetwork(PatternNetwork):
        def probabilities(self, image: Image) -> Probabilities:
            time.sleep(0.02)
            return super().probabilities(image)

    shared, network, frame = LeakWatch(0.25), SlowNetwork(), raw(PEOPLE)
    masked = CoverAllMasker(CoverAllConfig()).push(frame)[0]
    watch = CameraWatch(shared, lambda: network, 0.0)
    started_s = time.monotonic()
    while time.monotonic() - started_s < 1.0:
        watch.see(frame, masked)
        time.sleep(0.002)
    spent_s = time.monotonic() - started_s
    # the last look may have had no rest yet
    assert 0.04 <= shared.looked_s <= 0.25 * spent_s + 0.2
    assert sum(one.skipped for one in watch.take()) > 0


def test_a_look_that_breaks_off_is_counted_ends_nothing_and_tells_no_pixel(caplog: pytest.LogCaptureFixture) -> None:
    shared = LeakWatch(1.0)
    watch = CameraWatch(shared, BrokenNetwork, 0.0)
    frame = raw(PEOPLE)
    masked = CoverAllMasker(CoverAllConfig()).push(frame)[0]
    for _ in range(2):
        watch.see(frame, masked)
        assert counted(watch).failed == 1
        until(lambda: shared.offer(frame.image, masked.image, PatternNetwork, lambda one: None))
        until(lambda: not shared._is_busy)
    assert caplog.text.count("The leak watch cannot look: ValueError") == 1
    assert "secret" not in caplog.text


def test_a_machine_without_a_thread_to_spare_skips_the_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    frame = raw(PEOPLE)
    masked = CoverAllMasker(CoverAllConfig()).push(frame)[0]
    watch = at_once(PatternNetwork())
    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", refuse)
        watch.see(frame, masked)
    assert [one.skipped for one in watch.take()] == [1]
    watch.see(frame, masked)
    assert counted(watch).frames == 1


def test_counts_of_one_hour_are_handed_over_once() -> None:
    watch = at_once(PatternNetwork())
    watch._add(Look(3, 1))
    watch._add(Look(2, 0))
    (one,) = watch.take()
    assert (one.frames, one.people, one.leaks, one.leak_frames) == (2, 5, 1, 1)
    assert watch.take() == []


@pytest.mark.parametrize("share", [0.0, -1.0, 1.5])
def test_an_impossible_share_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match="cpu_share"):
        LeakWatch(share)


def test_more_leaks_than_people_are_refused() -> None:
    with pytest.raises(ValueError, match="got 3 of 2"):
        Look(2, 3)


def test_raw_pixels_stand_in_no_word_about_a_job() -> None:
    from inference.core.masking.leak_watch import _Job

    text = repr(_Job(np.full((4, 4, 3), 7, np.uint8), np.zeros((4, 4, 3), np.uint8), PatternNetwork, print))
    assert "7" not in text.split("network")[0]
