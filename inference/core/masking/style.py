"""How a covered area looks.

`silhouette` (default) puts one solid colour: nothing of the person is left but the outline. The others are the
paper's: `la3d-pixelate` and `la3d-blur` adapt their strength to each person's size, `edge` keeps Canny edges on black.
They keep more of a person than a silhouette does, and are for places where that has been decided.

Source: LA3D (Asres, Jiao, Omlin, IEEE TIFS 2025, doi 10.1109/TIFS.2025.3630347), equations 10-12, written from the
formulas. Two differences, both to the covered side: a shape too small for its own kernel becomes its mean colour
(the paper's "max" variant), where the formula would leave it as it is; and the size x is not truncated.
"""

from functools import lru_cache
from math import log
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from inference.core.errors import MaskingError
from inference.core.frames import Image
from inference.core.masking.base import CellMap

STYLES: Final = ("silhouette", "la3d-pixelate", "la3d-blur", "edge")

REFERENCE_AREA: Final = 320 * 240
"""Pixels of the frame for which the paper's kernels are given; alpha_r grows with the frame."""

BASE_BLUR: Final = 13
BASE_SIGMA: Final = 10.0
BASE_BLOCK: Final = 4
LIMIT: Final = 0.5
"""alpha_l: a kernel is at most this share of the box's side."""

CANNY: Final = (100, 200)

Colour = tuple[int, int, int]


def check_style(style: str) -> None:
    """Raise `MaskingError` unless `style` is one of `STYLES`."""
    if style not in STYLES:
        raise MaskingError(f"`style` must be one of {', '.join(STYLES)}, got {style!r}.")


def render(image: Image, covered: CellMap, style: str, colour: Colour) -> Image:
    """Return a copy of `image` in which every covered pixel is replaced.

    Args:
        image: `uint8 (H, W, 3)` RGB; not changed.
        covered: `uint8 (H, W)`, 0 or 255.
        style: one of `STYLES`.
        colour: RGB of a silhouette.
    """
    check_style(style)
    result = image.copy()
    if style == "silhouette":
        fill(result, covered, colour)
        return result
    count, labels, boxes, _ = cv2.connectedComponentsWithStats(covered)
    for label in range(1, count):
        left, top, width, height, area = (int(value) for value in boxes[label])
        window = slice(top, top + height), slice(left, left + width)
        inside = labels[window] == label
        crop = np.ascontiguousarray(image[window])
        strength = _strength(area, image.shape[0] * image.shape[1])
        result[window][inside] = _disguise(crop, style, strength)[inside]
    return result


def fill(image: Image, covered: npt.NDArray[np.uint8], colour: Colour) -> None:
    """Put `colour` on every covered pixel of `image`, in place."""
    cv2.copyTo(_flat(image.shape[0], image.shape[1], colour), covered, image)


@lru_cache(maxsize=16)
def _flat(height: int, width: int, colour: Colour) -> Image:
    """Return a picture of one colour; filling one costs a millisecond, copying from it next to nothing."""
    flat = np.empty((height, width, 3), np.uint8)
    flat[:] = colour
    flat.setflags(write=False)  # shared by all frames through the cache
    return flat


def _strength(area: int, frame_area: int) -> tuple[float, float]:
    """Return (r, alpha_r) of equation 10 for a shape of `area` pixels."""
    alpha = max(1.0, frame_area / REFERENCE_AREA)
    percent = max(1.0, 100.0 * area / frame_area)
    return alpha * max(1.0, log(percent)), alpha


def _kernel(side: int, base: int, strength: tuple[float, float]) -> int:
    """Return the kernel of equations 11 and 12 along one side of the box, in pixels."""
    r, alpha = strength
    return min(max(1, int(LIMIT * side)), int(max(r * base, alpha * base)))


def _disguise(crop: Image, style: str, strength: tuple[float, float]) -> Image:
    height, width = crop.shape[:2]
    if style == "edge":
        edges = cv2.Canny(crop, *CANNY)
        return np.repeat(edges[:, :, None], 3, axis=2).astype(np.uint8, copy=False)
    base = BASE_BLOCK if style == "la3d-pixelate" else BASE_BLUR
    across, down = _kernel(width, base, strength), _kernel(height, base, strength)
    if min(across, down) < 2:
        return np.broadcast_to(crop.mean(axis=(0, 1)).astype(np.uint8), crop.shape)
    if style == "la3d-pixelate":
        small = cv2.resize(crop, (-(-width // across), -(-height // down)), interpolation=cv2.INTER_AREA)
        return cv2.resize(small, (width, height), interpolation=cv2.INTER_NEAREST).astype(np.uint8, copy=False)
    across, down = across | 1, down | 1
    sigmas = BASE_SIGMA * across / BASE_BLUR, BASE_SIGMA * down / BASE_BLUR
    return cv2.GaussianBlur(crop, (across, down), sigmas[0], sigmaY=sigmas[1]).astype(np.uint8, copy=False)
