"""How a covered area looks, and that nothing outside it changes."""

import numpy as np
import pytest

from inference.core.errors import MaskingError
from inference.core.masking.style import STYLES, render
from tests.inference.core.masking.scene import person_texture

COLOUR = (9, 8, 7)


def shape(*windows: tuple[int, int, int, int]) -> np.ndarray:
    covered = np.zeros((90, 120), np.uint8)
    for left, top, right, bottom in windows:
        covered[top:bottom, left:right] = 255
    return covered


@pytest.mark.parametrize("style", STYLES)
def test_pixels_outside_are_untouched_and_the_input_too(style: str) -> None:
    image = person_texture(120, 90)
    before, covered = image.copy(), shape((10, 10, 40, 80), (100, 70, 120, 90))
    result = render(image, covered, style, COLOUR)
    assert (image == before).all()
    assert (result[covered == 0] == image[covered == 0]).all()
    assert (result[covered > 0] != image[covered > 0]).any(axis=1).mean() > 0.98


def test_a_silhouette_is_one_colour() -> None:
    covered = shape((10, 10, 40, 80), (119, 89, 120, 90))
    assert (render(person_texture(120, 90), covered, "silhouette", COLOUR)[covered > 0] == COLOUR).all()


def test_an_edge_picture_is_black_and_white() -> None:
    covered = shape((10, 10, 40, 80))
    inside = render(person_texture(120, 90), covered, "edge", COLOUR)[covered > 0]
    assert set(np.unique(inside)) <= {0, 255}


@pytest.mark.parametrize("style", ["la3d-pixelate", "la3d-blur"])
def test_a_tiny_shape_becomes_its_mean_and_never_stays_itself(style: str) -> None:
    covered = shape((50, 50, 53, 52))
    inside = render(person_texture(120, 90), covered, style, COLOUR)[covered > 0]
    assert len(np.unique(inside, axis=0)) == 1


def test_pixelation_is_coarser_in_larger_frames() -> None:
    colours = []
    for scale in (1, 4):
        image = person_texture(320 * scale, 240 * scale)
        covered = np.zeros((240 * scale, 320 * scale), np.uint8)
        covered[40:140, 40:140] = 255
        inside = render(image, covered, "la3d-pixelate", COLOUR)[covered > 0]
        colours.append(len(np.unique(inside, axis=0)))
    assert colours[0] > 3 * colours[1]


def test_an_unknown_style_is_told_with_the_known_ones() -> None:
    with pytest.raises(MaskingError, match=r"silhouette, la3d-pixelate, la3d-blur, edge, got 'blur'"):
        render(person_texture(20, 20), np.zeros((20, 20), np.uint8), "blur", COLOUR)
