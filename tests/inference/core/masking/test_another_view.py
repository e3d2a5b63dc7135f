"""When the view changes: who was followed is followed again when it returns, and zones never cover the wrong place."""

from collections.abc import Callable

import cv2
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


def turns(
    first: PacaSegMasker, images: list[Image], second: PacaSegMasker, others: list[Image], *, with_view: bool = True
) -> list[MaskedFrame]:
    """Return what the second of two turns of a stream shows, each with stream times and a stage of its own."""
    with MaskingStage(first, StageConfig(deadline_ms=20_000)) as stage:
        for index, image in enumerate(images):
            stage.push(frame(image, index))
        stage.flush()
        second.take_over(stage.hand_over(), with_view=with_view)
    with MaskingStage(second, StageConfig(deadline_ms=20_000)) as stage:
        shown = [one for index, image in enumerate(others) for one in stage.push(frame(image, index))]
        return shown + stage.flush()


@pytest.mark.parametrize("style", ["silhouette", "edge"])
def test_somebody_missed_as_a_turn_of_the_stream_begins_is_held_as_before(style: str) -> None:
    """The settings may have been changed in between: that is why many turns end."""
    second = masker(lambda look: False, style=style, colour=COLOUR)
    shown = turns(masker(lambda look: look < 12), still(12), second, still(20, start=20))
    assert not any(one.withheld for one in shown)
    held = [{int(track) for track in one.tracks.ids} for one in shown]
    assert held == [{1}] * 20
    if style == "silhouette":
        assert all(is_covered(one) for one in shown)


def test_who_was_held_at_the_end_of_a_turn_is_not_held_anew_by_the_next_one() -> None:
    first = masker(lambda look: look < 12)
    shown = turns(first, still(12 + 2 * FPS), masker(lambda look: False), still(3 * FPS, start=40))
    covered = [is_covered(one) for one in shown]
    assert covered[:8] == [True] * 8
    assert not any(covered[12:])


def test_numbers_go_on_from_turn_to_turn() -> None:
    shown = turns(masker(lambda look: True), still(3), masker(lambda look: True), still(3, start=5))
    assert {int(track) for one in shown for track in one.tracks.ids} == {1}


def test_nothing_is_handed_over_to_frames_of_another_size() -> None:
    small = [np.ascontiguousarray(image[:180, :320]) for image in still(3)]
    shown = turns(masker(lambda look: True), still(12), masker(lambda look: False), small)
    assert not any(len(one.tracks.ids) for one in shown)


def test_a_stage_hands_over_what_is_sound_and_keeps_none_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    by = masker(lambda look: True)
    with MaskingStage(by, StageConfig(deadline_ms=20_000)) as stage:
        assert stage.hand_over() is None, "nothing was seen"
        stage.push(frame(view(), 0))
        stage.flush()
        assert stage.hand_over() is not None
        monkeypatch.setattr(by, "hand_over", lambda: 1 / 0)
        assert stage.hand_over() is None


def test_a_camera_turned_between_two_turns_keeps_its_zones_off_the_wrong_place() -> None:
    first = masker(lambda look: False, zones=[ZONE])
    shown = turns(first, still(12), masker(lambda look: False, zones=[ZONE]), still(20, right=150, start=50))
    assert all(one.withheld for one in shown)
    assert TURNED in shown[-1].withheld


def test_a_camera_that_waits_for_its_zones_goes_on_waiting_in_the_next_turn() -> None:
    first = masker(lambda look: False, zones=[ZONE])
    turned = still(30, right=150, start=50)
    shown = turns(first, still(10) + turned, masker(lambda look: False, zones=[ZONE]), still(15, right=150, start=90))
    assert all(TURNED in one.withheld for one in shown)


@pytest.mark.parametrize(("zone", "with_view"), [(((0.7, 0.8), (0.8, 0.8), (0.8, 0.9)), True), (ZONE, False)])
def test_somebody_who_saves_the_zones_anew_takes_the_view_as_it_is(zone: object, with_view: bool) -> None:
    """Changed, or as they are."""
    first, second = masker(lambda look: False, zones=[ZONE]), masker(lambda look: False, zones=[zone])
    turned = still(30, right=150, start=50)
    shown = turns(first, still(10) + turned, second, still(15, right=150, start=90), with_view=with_view)
    assert not any(one.withheld for one in shown)


@pytest.mark.parametrize("after", ["plates", "whole"])
def test_of_a_vehicle_only_what_the_new_settings_cover_goes_on_from_turn_to_turn(after: str) -> None:
    def parked(found: Callable[[int], bool], vehicles: str) -> PacaSegMasker:
        looks = iter(range(10_000))

        def answer(image: Image) -> object:
            maps = np.zeros((3, 90, 160), np.float32)
            left, top, right, bottom = (value // 4 for value in BOX)
            maps[2, top:bottom, left:right] = 0.9 if found(next(looks)) else 0.0
            return maps

        return PacaSegMasker(PacaSegConfig(vehicles=vehicles), FaultyNetwork(answer))

    shown = turns(parked(lambda look: True, "plates"), still(12), parked(lambda look: False, after), still(3, start=20))
    assert {len(one.tracks.ids) for one in shown} == {1 if after == "plates" else 0}


def test_a_turn_in_which_nothing_could_be_seen_hands_over_an_empty_memory() -> None:
    dark = [np.zeros((360, 640, 3), np.uint8) for _ in range(3)]
    shown = turns(masker(lambda look: True), dark, masker(lambda look: look > 0), still(3))
    assert [len(one.tracks.ids) for one in shown] == [0, 1, 1]


def test_a_view_that_returns_in_the_next_turn_is_shown_again() -> None:
    first = masker(lambda look: False, zones=[ZONE])
    away = still(12, right=150, start=50)
    shown = turns(first, still(10) + away, masker(lambda look: False, zones=[ZONE]), still(20, start=90))
    assert shown[0].withheld
    assert not shown[-1].withheld


def test_a_stage_whose_masker_cannot_be_replaced_hands_nothing_over(monkeypatch: pytest.MonkeyPatch) -> None:
    by = crashing(lambda look: True, at=0)
    monkeypatch.setattr(by, "fresh", lambda: 1 / 0)
    with MaskingStage(by, StageConfig(deadline_ms=20_000)) as stage:
        assert stage.push(frame(view(), 0))[0].withheld
        assert stage.hand_over() is None


def test_frames_from_well_before_the_camera_began_to_turn_are_shown() -> None:
    turning = [view(right=6 * index, index=index) for index in range(20)]
    shown = seen(still(15) + turning, masker(lambda look: True, look_ahead_s=1.5))
    first = next(one.index for one in shown if one.withheld)
    noticed = next(index for index in range(1, 20) if 6 * index >= 0.025 * 640) + 15
    assert noticed - 0.5 * FPS - 1 <= first <= noticed - 2
    assert not any(one.withheld for one in shown[:first])


def test_a_view_that_returns_after_a_turn_of_the_stream_is_shown_again() -> None:
    first = masker(lambda look: False, zones=[ZONE])
    seen(still(10) + still(10, seed=2), first)
    memory = first.hand_over()
    assert memory is not None
    second = masker(lambda look: False, zones=[ZONE])
    second.take_over(memory, with_view=True)
    shown = seen(still(5, seed=2, start=30) + still(15, start=40), second)
    assert all(one.withheld for one in shown[:5])
    assert not shown[-1].withheld


def test_a_view_that_returns_little_by_little_after_a_turn_of_the_stream_is_shown_again() -> None:
    first = masker(lambda look: False, zones=[ZONE])
    seen(still(10) + still(10, seed=2), first)
    second = masker(lambda look: False, zones=[ZONE])
    second.take_over(first.hand_over(), with_view=True)
    fog = [
        np.asarray(cv2.addWeighted(view(2, index=50 + i), 1 - i / 24, view(1, index=50 + i), i / 24, 0), np.uint8)
        for i in range(25)
    ]
    shown = seen(fog + still(12, start=80), second)
    assert not shown[-1].withheld
