"""Shades of one hue for silhouettes that stand apart: a crowd stays legible, and nobody is told who anybody is.

A shade follows the track's number and nothing else. Silhouettes that touch share one; every covered pixel stays solid.
"""

from typing import Final

import cv2
import numpy as np

from inference.core.frames import PERSON, Image, Tracks
from inference.core.masking.base import CellMap
from inference.core.masking.cover import grow
from inference.core.masking.style import Colour, fill

STEPS: Final = (1.0, 0.74, 1.26, 0.87, 1.13)
"""Brightness of each shade, as a share of the silhouettes' colour; neighbours in number are far apart."""


def shade(colour: Colour, number: int) -> Colour:
    """Return the shade of track `number`: RGB, never outside 0-255."""
    step = STEPS[number % len(STEPS)]
    red, green, blue = (min(255, round(value * step)) for value in colour)
    return red, green, blue


def shade_people(image: Image, covered: CellMap, cells: CellMap, tracks: Tracks, colour: Colour) -> None:
    """Paint each covered shape in the shade of the lowest track number in it, in place.

    Args:
        image: `uint8 (H, W, 3)` RGB whose covered pixels have `colour`.
        covered: `uint8 (H, W)`, 0 or 255; no other pixel is touched.
        cells: `uint8 (h, w)`, 0 or 1, what `covered` was made of.
        tracks: boxes in cells.
        colour: RGB.
    """
    count, labels = cv2.connectedComponents(cells, connectivity=8)
    shades = np.zeros(count, np.uint8)
    rows, columns = cells.shape
    for index in np.argsort(tracks.ids)[::-1]:  # the lowest number is painted last
        if tracks.classes[index] == PERSON:
            left, top, right, bottom = tracks.boxes[index]
            row = min(rows - 1, max(0, int((top + bottom) / 2)))
            column = min(columns - 1, max(0, int((left + right) / 2)))
            shades[labels[row, column]] = int(tracks.ids[index]) % len(STEPS)
    shades[0] = 0
    for number in range(1, len(STEPS)):
        if (shades == number).any():
            shape = grow(np.asarray(shades[labels] == number, np.uint8), 1)
            size = covered.shape[1], covered.shape[0]
            pixels = np.asarray(cv2.resize(shape * np.uint8(255), size, interpolation=cv2.INTER_NEAREST), np.uint8)
            fill(image, pixels & covered, shade(colour, number))
