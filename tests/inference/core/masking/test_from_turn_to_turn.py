"""From one turn of a stream to the next: who was followed still is, and a turned camera stays noticed."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from inference.core.frames import Image, MaskedFrame
from inference.core.masking.paca_seg import PacaSegConfig, PacaSegMasker
from inference.core.masking.stage import MaskingStage, StageConfig
from inference.core.masking.trust import TURNED
from tests.inference.core.masking.scene import FaultyNetwork
from tests.inference.core.masking.test_another_view import BOX, COLOUR, ZONE, crashing, is_covered, masker, seen, still
from tests.inference.core.masking.views import FPS, frame, view


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


def test_a_turn_without_a_frame_passes_on_what_it_was_given() -> None:
    first = masker(lambda look: False, zones=[ZONE])
    seen(still(10) + still(20, right=150, start=50), first)
    between, last = masker(lambda look: False, zones=[ZONE]), masker(lambda look: False, zones=[ZONE])
    between.take_over(first.hand_over(), with_view=True)
    last.take_over(between.hand_over(), with_view=True)
    assert all(TURNED in one.withheld for one in seen(still(12, right=150, start=90), last))


def test_zones_saved_before_a_turn_without_a_frame_count_after_it() -> None:
    first = masker(lambda look: False, zones=[ZONE])
    seen(still(10) + still(20, right=150, start=50), first)
    between, last = masker(lambda look: False, zones=[ZONE]), masker(lambda look: False, zones=[ZONE])
    between.take_over(first.hand_over(), with_view=False)  # somebody has saved the page
    last.take_over(between.hand_over(), with_view=True)
    assert not any(one.withheld for one in seen(still(12, right=150, start=90), last))


def test_who_was_set_aside_as_a_turn_ended_is_held_when_the_view_returns() -> None:
    first, second = masker(lambda look: look < 12), masker(lambda look: False)
    seen(still(12) + still(4, seed=2), first)
    second.take_over(first.hand_over(), with_view=True)
    visible = [one for one in seen(still(14, start=40), second) if not one.withheld]
    assert visible
    assert all(is_covered(one) for one in visible)
