"""Shades tell silhouettes apart and uncover nothing."""

import numpy as np
import pytest

from inference.core.errors import MaskingError
from inference.core.masking.paca_seg import PacaSegConfig, PacaSegMasker
from inference.core.masking.shades import STEPS, shade
from tests.inference.core.masking.scene import PatternNetwork, is_pattern, raw

APART = [(10, 20, 26, 60), (60, 20, 76, 60), (110, 20, 126, 60)]


def shown(boxes: list[tuple[int, int, int, int]], *, shades: bool) -> np.ndarray:
    masker = PacaSegMasker(PacaSegConfig(look_ahead_s=0.0, shades=shades), PatternNetwork())
    return masker.push(raw(boxes, 0))[0].image


def colours(image: np.ndarray, boxes: list[tuple[int, int, int, int]]) -> set[tuple[int, ...]]:
    return {tuple(image[(top + bottom) // 2, (left + right) // 2].tolist()) for left, top, right, bottom in boxes}


def test_silhouettes_that_stand_apart_have_different_shades_and_stay_solid() -> None:
    plain, shaded = shown(APART, shades=False), shown(APART, shades=True)
    assert len(colours(plain, APART)) == 1
    assert len(colours(shaded, APART)) == 3
    assert not is_pattern(shaded).any()
    for left, top, right, bottom in APART:
        assert len(np.unique(shaded[top:bottom, left:right].reshape(-1, 3), axis=0)) == 1
    same = (plain == raw(APART, 0).image).all(axis=2)
    assert (shaded[same] == plain[same]).all(), "nothing beside the silhouettes changes"


def test_silhouettes_that_touch_share_one_shade() -> None:
    touching = [(40, 20, 60, 60), (56, 30, 80, 70)]
    assert len(colours(shown(touching, shades=True), touching)) == 1


def test_a_shade_is_a_colour_whatever_the_number() -> None:
    for number in range(3 * len(STEPS)):
        assert all(0 <= value <= 255 for value in shade((250, 3, 128), number))


def test_shades_are_refused_with_a_style_that_keeps_texture() -> None:
    with pytest.raises(MaskingError, match="style silhouette"):
        PacaSegConfig(shades=True, style="edge")


def test_vehicles_keep_the_plain_colour() -> None:
    config = PacaSegConfig(look_ahead_s=0.0, shades=True, vehicles="whole")
    frame = PacaSegMasker(config, PatternNetwork(channel=2)).push(raw(APART, 0))[0]
    assert colours(frame.image, APART) == {config.colour}
