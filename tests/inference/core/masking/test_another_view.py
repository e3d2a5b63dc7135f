"""When the view changes: who was followed is followed again when it returns, and zones never cover the wrong place."""

import threading
import time
from collections.abc import Callable

import numpy as np
import pytest

from inference.core.frames import Image, MaskedFrame
from inference.core.masking.paca_seg import PacaSegConfig, PacaSegMasker
from inference.core.masking.stage import MaskingStage, StageConfig
from inference.core.masking.steadiness import MOVED
from inference.core.masking.trust import TURNED
from tests.inference.core.masking.scene import FaultyNetwork, run
from tests.inference.core.masking.views import FPS, frame, view

BOX = (200, 80, 260, 240)
COLOUR = PacaSegConfig().colour
ZONE = ((0.8, 0.8), (0.9, 0.8), (0.9, 0.9))


def masker(found: Callable[[int], bool], **options: object) -> PacaSegMasker:
    """Return a masker whose network finds somebody in `BOX` in those of its looks that `found` names."""
    looks = iter(range(10_000))

    def answer(image: Image) -> object:
        maps = np.zeros((3, 90, 160), np.float32)
        left, top, right, bottom = (value // 4 for value in BOX)
        maps[0, top:bottom, left:right] = 0.9 if found(next(looks)) else 0.0
        return maps

    return PacaSegMasker(PacaSegConfig(**options), FaultyNetwork(answer))  # type: ignore[arg-type]


def is_covered(shown: MaskedFrame) -> bool:
    left, top, right, bottom = BOX
    return bool((shown.image[top:bottom, left:right] == COLOUR).all())


def seen(images: list[Image], by: PacaSegMasker) -> list[MaskedFrame]:
    return run(by, [frame(image, index) for index, image in enumerate(images)])


def still(count: int, seed: int = 1, start: int = 0, right: int = 0) -> list[Image]:
    return [view(seed, right=right, index=start + index) for index in range(count)]


def test_somebody_missed_while_something_passes_before_the_lens_is_still_held_afterwards() -> None:
    """A train, a wiper: for 0.4 s all is another picture, then the old view is back with whoever stands there."""
    images = still(12) + still(4, seed=2) + still(14, start=20)
    shown = seen(images, masker(lambda look: look < 12))
    visible = [one for one in shown if one.index >= 16 and not one.withheld]
    assert len(visible) >= 8
    assert all(is_covered(one) for one in visible)
    assert {int(track) for one in visible for track in one.tracks.ids} == {1}, "the same person, by number"


def test_somebody_held_in_one_view_is_not_held_in_another() -> None:
    shown = seen(still(12) + still(25, seed=2), masker(lambda look: look < 12))
    visible = [one for one in shown if one.index >= 12 and not one.withheld]
    assert len(visible) > 15
    assert not any(is_covered(one) for one in visible)


def test_after_a_pause_in_another_view_nobody_of_the_first_one_is_held_too_long() -> None:
    shown = seen(still(12) + still(4 * FPS, seed=2) + still(15, start=20), masker(lambda look: look < 12))
    visible = [one for one in shown if one.index >= 12 + 4 * FPS and not one.withheld]
    assert visible
    assert not any(is_covered(one) for one in visible)


def test_numbers_are_not_given_twice_when_the_view_returns() -> None:
    images = still(12) + still(6, seed=2) + still(14, start=20)
    somebody_else = masker(lambda look: look < 12 or 12 <= look < 18 or look >= 24)
    shown = seen(images, somebody_else)
    in_between = {int(track) for one in shown for track in one.tracks.ids if 12 <= one.index < 18}
    afterwards = {int(track) for one in shown if one.index >= 24 for track in one.tracks.ids}
    assert not in_between & afterwards


def test_frames_taken_as_a_camera_began_to_turn_are_withheld_too() -> None:
    turning = [view(right=6 * index, index=index) for index in range(20)]
    shown = seen(still(10) + turning, masker(lambda look: True, look_ahead_s=0.5))
    first = next(one.index for one in shown if MOVED in one.withheld)
    noticed = next(index for index in range(1, 20) if 6 * index >= 0.025 * 640) + 10
    assert first <= noticed - 2, "not only from the frame on in which it was noticed"


@pytest.mark.parametrize("right", [150, -60])
def test_with_zones_a_turned_camera_stays_withheld_until_the_old_view_returns(right: int) -> None:
    turned = still(30, right=right, start=50)
    shown = seen(still(10) + turned + still(15, start=20), masker(lambda look: False, zones=[ZONE]))
    reasons = [one.withheld for one in shown]
    assert not any(reasons[:9])
    assert all(reasons[10:40])
    assert TURNED in reasons[39]
    assert not reasons[-1]


def test_without_zones_a_turned_camera_is_shown_again() -> None:
    shown = seen(still(10) + still(30, right=150, start=50), masker(lambda look: False))
    assert shown[12].withheld
    assert not shown[-1].withheld


def test_with_zones_a_camera_turned_little_by_little_does_not_take_each_step_for_home() -> None:
    turning = [view(right=3 * index, index=index) for index in range(50)]
    shown = seen(still(10) + turning + still(20, right=147, start=90), masker(lambda look: False, zones=[ZONE]))
    assert TURNED in shown[-1].withheld


def crashing(found: Callable[[int], bool], at: int) -> PacaSegMasker:
    looks = iter(range(10_000))

    def answer(image: Image) -> object:
        look = next(looks)
        if look == at:
            raise ZeroDivisionError("a driver")
        maps = np.zeros((3, 90, 160), np.float32)
        left, top, right, bottom = (value // 4 for value in BOX)
        maps[0, top:bottom, left:right] = 0.9 if found(look) else 0.0
        return maps

    return PacaSegMasker(PacaSegConfig(look_ahead_s=0.0), FaultyNetwork(answer))


def test_who_was_held_is_held_by_the_fresh_masker_after_a_crash() -> None:
    with MaskingStage(crashing(lambda look: look < 10, at=10), StageConfig(deadline_ms=20_000)) as stage:
        shown = [one for index, image in enumerate(still(20)) for one in stage.push(frame(image, index))]
    assert [one.index for one in shown if one.withheld] == [10]
    assert all(is_covered(one) for one in shown if not one.withheld)


def test_what_was_remembered_is_dropped_if_following_itself_broke(monkeypatch: pytest.MonkeyPatch) -> None:
    from inference.core.masking import following

    def broken(*arguments: object) -> object:
        raise ZeroDivisionError("half-changed")

    first = masker(lambda look: look < 3, look_ahead_s=0.0)
    for index, image in enumerate(still(3)):
        first.push(frame(image, index))
    with monkeypatch.context() as patch:
        patch.setattr(following.Follower, "_tracks", broken)
        with pytest.raises(ZeroDivisionError):
            first.push(frame(view(index=3), 3))
    (after,) = first.fresh().push(frame(view(index=4), 4))
    assert not is_covered(after), "a memory that may be half written is not used"


def test_a_glance_is_enough_to_know_that_the_view_is_another_one() -> None:
    """A run that is continued decodes what is finished and masks none of it; zones must not fall on the new view."""
    by = masker(lambda look: False, zones=[ZONE])
    images = still(10) + still(20, right=150, start=50)
    with MaskingStage(by, StageConfig(deadline_ms=20_000)) as stage:
        for index, image in enumerate(images[:20]):
            stage.glance(frame(image, index))
        shown = [one for index, image in enumerate(images[20:]) for one in stage.push(frame(image, 20 + index))]
    assert shown
    assert all(TURNED in one.withheld for one in shown)


def test_a_glance_that_fails_brings_a_fresh_masker(monkeypatch: pytest.MonkeyPatch) -> None:
    by = masker(lambda look: False)
    monkeypatch.setattr(by, "glance", lambda frame: 1 / 0)
    fresh: list[PacaSegMasker] = []

    def another() -> PacaSegMasker:
        fresh.append(masker(lambda look: False))
        return fresh[-1]

    monkeypatch.setattr(by, "fresh", another)
    with MaskingStage(by, StageConfig(deadline_ms=20_000)) as stage:
        stage.glance(frame(view(), 0))
        stage.push(frame(view(), 1))
    assert fresh


def test_frames_from_well_before_the_camera_began_to_turn_are_shown() -> None:
    turning = [view(right=6 * index, index=index) for index in range(20)]
    shown = seen(still(15) + turning, masker(lambda look: True, look_ahead_s=1.5))
    first = next(one.index for one in shown if one.withheld)
    noticed = next(index for index in range(1, 20) if 6 * index >= 0.025 * 640) + 15
    assert noticed - 0.5 * FPS - 1 <= first <= noticed - 2
    assert not any(one.withheld for one in shown[:first])


@pytest.mark.parametrize("fault", ["discontinuity", "time runs backwards", "another size"])
def test_a_camera_known_to_be_turned_is_not_shown_because_its_stream_began_anew(fault: str) -> None:
    by = masker(lambda look: False, zones=[ZONE])
    turned = seen(still(10) + still(20, right=150, start=50), by)
    again = [view(right=150, index=80 + index) for index in range(20)]
    again = [image[:356] for image in again] if fault == "another size" else again
    start = 0 if fault == "time runs backwards" else 40
    frames = [
        frame(image, start + index, discontinuity=index == 0 and fault == "discontinuity")
        for index, image in enumerate(again)
    ]
    assert TURNED in turned[-1].withheld
    assert all(TURNED in one.withheld for one in run(by, frames))
    home = [frame(image, 100 + index) for index, image in enumerate(still(15, start=200))]
    assert not run(by, home)[-1].withheld or fault == "another size"


def test_a_camera_turned_while_it_was_lost_stays_withheld() -> None:
    by = masker(lambda look: False, zones=[ZONE])
    seen(still(10), by)
    frames = [frame(image, 40 + at, discontinuity=at == 0) for at, image in enumerate(still(20, right=150, start=50))]
    assert all(one.withheld for one in run(by, frames))


def test_after_a_turn_without_zones_the_new_view_is_the_one_to_come_back_to() -> None:
    """A camera with several places to look at: at each of them a train passes as harmlessly as at the first."""
    images = still(12, seed=3) + still(60) + still(4, seed=2) + still(14, start=80)
    shown = seen(images, masker(lambda look: look < 72))
    visible = [one for one in shown if one.index >= 76 and not one.withheld]
    assert len(visible) >= 8
    assert all(is_covered(one) for one in visible)


def test_an_error_in_following_people_leaves_the_view_known(monkeypatch: pytest.MonkeyPatch) -> None:
    by, out = masker(lambda look: False, zones=[ZONE]), list[MaskedFrame]()
    with MaskingStage(by, StageConfig(deadline_ms=20_000)) as stage:
        for index, image in enumerate(still(10) + still(30, right=150, start=50)):
            with monkeypatch.context() as patch:
                if index == 30:
                    patch.setattr("inference.core.masking.following.Follower._tracks", lambda *_: 1 / 0)
                out += stage.push(frame(image, index))
        out += stage.flush()
    assert [one.index for one in out if not one.withheld] == list(range(10))


def test_an_error_that_nobody_waited_for_brings_a_fresh_masker(monkeypatch: pytest.MonkeyPatch) -> None:
    by, fresh, gone_on = masker(lambda look: True, look_ahead_s=0.0), list[int](), threading.Event()
    made = by.fresh

    def counted() -> PacaSegMasker:
        fresh.append(1)
        return made()

    monkeypatch.setattr(by, "fresh", counted)

    def late(*arguments: object) -> object:
        gone_on.wait(10)
        raise ZeroDivisionError("half-changed")

    with MaskingStage(by, StageConfig(deadline_ms=300)) as stage:
        for index in range(3):
            stage.push(frame(view(index=index), index))
        with monkeypatch.context() as patch:
            patch.setattr("inference.core.masking.following.Follower._remember", late)
            assert stage.push(frame(view(index=3), 3))[0].withheld
        gone_on.set()
        index = 4
        while not fresh and index < 200:  # until the late call is over
            stage.push(frame(view(index=4), index))
            time.sleep(0.01)
            index += 1
    assert fresh
