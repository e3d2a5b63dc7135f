"""What every registered masker keeps; a new one is tested by being registered."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.core.frames import MaskedFrame, RawFrame, Tracks
from inference.core.masking.base import Masker, Segmenter
from inference.core.masking.registry import MASKERS, create_masker
from inference.core.masking.stage import MaskingStage
from tests.inference.core.masking.scene import Box, FaultyNetwork, PatternNetwork, leaks, raw, run

WIDTH, HEIGHT = 160, 120
Make = Callable[..., Masker]


def maker(name: str) -> Make:
    def make(network: Segmenter | None = None, **options: object) -> Masker:
        if not MASKERS[name].uses_network:
            return create_masker(name)
        return create_masker(name, network=network or PatternNetwork(), **options)

    return make


@pytest.fixture(params=sorted(MASKERS))
def make(request: pytest.FixtureRequest) -> Make:
    return maker(request.param)


SCENES: dict[str, list[Box]] = {
    "in the middle": [(60, 40, 80, 90)],
    "through the last row and column": [(140, 100, WIDTH, HEIGHT)],
    "through the first row and column": [(0, 0, 9, 30)],
    "half outside": [(-20, 50, 11, 90), (150, 110, 300, 300)],
    "outside altogether": [(-50, -50, -10, -10), (500, 500, 600, 600)],
    "of no area": [(30, 30, 30, 60), (40, 40, 60, 40)],
    "one pixel in each corner": [(0, 0, 1, 1), (159, 0, 160, 1), (0, 119, 1, 120), (159, 119, 160, 120)],
    "overlapping": [(50, 30, 80, 90), (60, 35, 95, 100), (70, 20, 90, 70)],
    "hundreds": [(x, y, x + 3, y + 4) for x in range(0, 160, 8) for y in range(0, 120, 8)],
    "everywhere": [(0, 0, WIDTH, HEIGHT)],
    "nowhere": [],
}


@pytest.mark.parametrize("boxes", SCENES.values(), ids=SCENES.keys())
def test_no_pixel_of_a_person_survives(make: Make, boxes: list[Box]) -> None:
    frames = [raw(boxes, index) for index in range(7)]
    shown = run(make(), frames)
    assert [frame.index for frame in shown] == list(range(7))
    assert leaks(shown) == 0


def test_the_input_is_left_as_it_was(make: Make) -> None:
    frames = [raw([(10, 10, 60, 60)], index) for index in range(6)]
    before = [frame.image.copy() for frame in frames]
    shown = run(make(), frames)
    for frame, image, masked in zip(frames, before, shown, strict=True):
        assert (frame.image == image).all()
        assert not np.may_share_memory(frame.image, masked.image)


def test_every_frame_comes_out_once_in_order_and_with_its_times(make: Make) -> None:
    frames = [raw([(index * 3, 20, index * 3 + 20, 70)], index) for index in range(25)]
    shown = run(make(), frames)
    assert [(f.index, f.pts_s, f.captured_at) for f in shown] == [(f.index, f.pts_s, f.captured_at) for f in frames]
    assert all(f.image.shape == (HEIGHT, WIDTH, 3) and f.mask_ms >= 0 for f in shown)


def test_boxes_of_tracks_lie_in_the_frame(make: Make) -> None:
    shown = run(make(), [raw([(-9, 100, 30, 150)], index) for index in range(6)])
    for frame in shown:
        assert isinstance(frame.tracks, Tracks)
        assert (frame.tracks.boxes >= 0).all()
        assert (frame.tracks.boxes <= [WIDTH, HEIGHT, WIDTH, HEIGHT]).all()


def test_a_fingerprint_is_the_same_for_the_same_settings(make: Make) -> None:
    assert make().fingerprint == make().fresh().fingerprint != ""


def test_reset_drops_what_was_held_and_never_shows_it(make: Make) -> None:
    masker = make()
    shown = masker.push(raw([(5, 5, 40, 40)], 0))
    masker.reset()
    later = masker.push(raw([(5, 5, 40, 40)], 1)) + masker.flush()
    assert [frame.index for frame in later] == [1]
    assert leaks(shown + later) == 0


def test_a_discontinuity_gives_what_was_held_first(make: Make) -> None:
    frames = [raw([(10, 10, 40, 80)], index, discontinuity=index == 3) for index in range(6)]
    shown = run(make(), frames)
    assert [frame.index for frame in shown] == list(range(6))
    assert [frame.discontinuity for frame in shown] == [index == 3 for index in range(6)]
    assert leaks(shown) == 0


def test_a_change_of_size_and_time_running_backwards_lose_nobody(make: Make) -> None:
    frames = [
        raw([(10, 10, 40, 80)], 0),
        raw([(10, 10, 40, 80)], 1, size=(81, 97)),
        raw([(10, 10, 40, 80)], 2, size=(81, 97), at_s=-5.0),
        raw([(10, 10, 40, 80)], 3, size=(160, 120), at_s=-4.9),
    ]
    shown = run(make(), frames)
    assert [frame.image.shape for frame in shown] == [frame.image.shape for frame in frames]
    assert leaks(shown) == 0


def _crash(image: object) -> object:
    raise RuntimeError("no more memory")


FAULTS: dict[str, Callable[..., object]] = {
    "crash": _crash,
    "NaN": lambda image: np.full((3, 30, 40), np.nan, np.float32),
    "infinity": lambda image: np.full((3, 30, 40), np.inf, np.float32),
    "logits": lambda image: np.full((3, 30, 40), 7.5, np.float32),
    "one map": lambda image: np.zeros((1, 30, 40), np.float32),
    "no cells": lambda image: np.zeros((3, 0, 0), np.float32),
    "another type": lambda image: np.zeros((3, 30, 40), np.float64),
    "nothing": lambda image: None,
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_a_broken_network_shows_nobody(make: Make, fault: Callable[..., object]) -> None:
    with MaskingStage(make(FaultyNetwork(fault))) as stage:
        frames = [raw([(10, 10, 60, 110)], index) for index in range(5)]
        shown = run_stage(stage, frames)
    assert [frame.index for frame in shown] == list(range(5))
    assert leaks(shown) == 0


def run_stage(stage: MaskingStage, frames: list[RawFrame]) -> list[MaskedFrame]:
    return [masked for frame in frames for masked in stage.push(frame)] + stage.flush()


@pytest.mark.parametrize("name", sorted(MASKERS))
@settings(max_examples=60, deadline=None)
@given(
    width=st.integers(1, 90),
    height=st.integers(1, 90),
    box=st.tuples(*[st.integers(-20, 120)] * 4),
    cell=st.integers(1, 9),
    look_ahead_s=st.sampled_from([0.0, 0.2, 0.4]),
)
def test_masked_through_the_last_pixel_at_any_size(
    name: str, width: int, height: int, box: tuple[int, ...], cell: int, look_ahead_s: float
) -> None:
    left, top = box[0], box[1]
    person = (left, top, left + abs(box[2]), top + abs(box[3]))
    network = PatternNetwork(cell=cell)
    masker = maker(name)(network, look_ahead_s=look_ahead_s)
    shown = run(masker, [raw([person], index, size=(width, height)) for index in range(3)])
    assert [frame.image.shape for frame in shown] == [(height, width, 3)] * 3
    assert leaks(shown) == 0


@settings(max_examples=40, deadline=None)
@given(width=st.integers(1, 200), height=st.integers(1, 200), rows=st.integers(1, 60), columns=st.integers(1, 60))
def test_a_network_of_any_grid_covers_the_whole_frame(width: int, height: int, rows: int, columns: int) -> None:
    network = FaultyNetwork(lambda image: np.stack([np.ones((rows, columns), np.float32)] * 3))
    masker = create_masker("paca-seg", network=network, colour=(1, 2, 3))
    (shown,) = run(masker, [raw([], size=(width, height))])
    assert shown.withheld or (shown.image == (1, 2, 3)).all()
