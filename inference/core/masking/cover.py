"""The arithmetic of covering: shapes put down on a grid of cells, grown, and brought to full resolution.

Everything here errs to the covered side: sizes round up, a half covered pixel is covered, and the last row and
column are never left out.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from math import ceil
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from inference.core.masking.base import CellMap

Polygon = tuple[tuple[float, float], ...]
"""Corner points (x, y), each 0-1 of the frame's width and height."""

MAX_GROWTH: Final = 28
"""Fine cells; more would cover the scene rather than a person."""

GROWTH_STEPS: Final = (0, 1, 2, 3, 4, 6, 8, 11, 15, 20, MAX_GROWTH)
"""Growth is rounded up to one of these: each costs a layer."""

SMALL_GROWTH: Final = 6
"""Up to here a dilation with a disc is cheaper than a distance transform."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What has to be covered of one object: a shape that can be put down again elsewhere.

    Attributes:
        mask: `uint8 (h, w)`, 0 or 1, cut out of a cell map.
        left, top: cell of the mask's first column and row.
        thickness: diameter of the largest disc that fits in, in cells: about a body's width, also in a group,
            whose box would be no measure of how big its people are.
        area: covered cells.
    """

    mask: CellMap = field(repr=False)
    left: int
    top: int
    thickness: float
    area: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "area", int(np.count_nonzero(self.mask)))


NOTHING: Final = Stamp(np.zeros((0, 0), np.uint8), 0, 0, 0.0)
"""Covers no cell."""


class Cover:
    """A cell map under construction. Shapes that grow equally far share a layer, so that each layer grows once."""

    def __init__(self, shape: tuple[int, int]) -> None:
        """Start empty, with `shape` = (h, w) cells."""
        self.shape = shape
        self._layers: dict[int, CellMap] = {}

    def _layer(self, growth: float) -> CellMap:
        wanted = min(MAX_GROWTH, max(0, ceil(growth)))
        radius = next(step for step in GROWTH_STEPS if step >= wanted)
        if radius not in self._layers:
            self._layers[radius] = np.zeros(self.shape, np.uint8)
        return self._layers[radius]

    def add(self, cells: CellMap, growth: float) -> None:
        """Add a whole map, to be grown by `growth` cells."""
        np.maximum(layer := self._layer(growth), cells, out=layer)

    def put(self, stamp: Stamp, shift_x: float, shift_y: float, growth: float) -> None:
        """Put `stamp` down, moved by whole cells nearest to the shift; what falls off the map is cut off."""
        height, width = self.shape
        left, top = stamp.left + round(shift_x), stamp.top + round(shift_y)
        right, bottom = left + stamp.mask.shape[1], top + stamp.mask.shape[0]
        x1, y1, x2, y2 = max(0, left), max(0, top), min(width, right), min(height, bottom)
        if x1 >= x2 or y1 >= y2:
            return
        target = self._layer(growth)[y1:y2, x1:x2]
        np.maximum(target, stamp.mask[y1 - top : y2 - top, x1 - left : x2 - left], out=target)

    def cells(self) -> CellMap:
        """Return the union of all layers, each grown: `uint8 (h, w)`, 0 or 1."""
        union = np.zeros(self.shape, np.uint8)
        for radius, layer in self._layers.items():
            np.maximum(union, grow(layer, radius), out=union)
        return union


def grow(cells: CellMap, radius: int) -> CellMap:
    """Return `cells` (`uint8 (h, w)`, 0 or 1) grown by `radius` cells all round.

    Only the window that growth can reach is looked at. Thresholding a distance transform costs the same for any
    radius, unlike a dilation with a disc.
    """
    if radius <= 0:
        return cells
    left, top, width, height = cv2.boundingRect(cells)
    if not width:
        return cells
    rows = slice(max(0, top - radius), top + height + radius)
    columns = slice(max(0, left - radius), left + width + radius)
    window = np.ascontiguousarray(cells[rows, columns])
    grown = np.zeros_like(cells)
    if radius <= SMALL_GROWTH:
        grown[rows, columns] = cv2.dilate(window, _disc(radius))
    else:
        grown[rows, columns] = cv2.distanceTransform(1 - window, cv2.DIST_L2, 5) <= radius + 0.01
    return grown


@lru_cache(maxsize=SMALL_GROWTH)
def _disc(radius: int) -> CellMap:
    """Return a disc of `uint8 (2 radius + 1, 2 radius + 1)`, 0 or 1."""
    offsets = np.arange(-radius, radius + 1)
    return (offsets[:, None] ** 2 + offsets[None] ** 2 <= (radius + 0.01) ** 2).astype(np.uint8)


def to_pixels(cells: CellMap, height: int, width: int) -> CellMap:
    """Return `uint8 (height, width)`, 0 or 255: each pixel that a covered cell reaches, however little.

    Larger frames: linear interpolation, and everything above nothing counts as covered. Smaller frames: the maximum
    over the cells that fall into a pixel.
    """
    for axis, length in ((0, height), (1, width)):
        if length < cells.shape[axis]:
            # A cell may lie across two pixels: grown by one, it is counted in both.
            starts = (np.arange(length) * cells.shape[axis]) // length
            cells = np.maximum.reduceat(grow(cells, 1), starts, axis=axis)
    large = cv2.resize(cells * np.uint8(255), (width, height), interpolation=cv2.INTER_LINEAR)
    pixels: CellMap = cv2.threshold(large, 0, 255, cv2.THRESH_BINARY)[1].astype(np.uint8, copy=False)
    return pixels


@lru_cache(maxsize=64)
def _zone_pixels(zones: tuple[Polygon, ...], height: int, width: int) -> CellMap:
    pixels = np.zeros((height, width), np.uint8)
    scale = np.array([width, height], np.float64)
    for zone in zones:
        rounded = np.round(np.array(zone, np.float64) * scale).astype(np.int32)
        corners = np.minimum(rounded, (width - 1, height - 1)).astype(np.int32).reshape(-1, 1, 2)
        own = np.zeros_like(pixels)
        cv2.fillPoly(own, [corners], (255.0,))
        # fillPoly leaves open what an outline goes round twice; whatever lies within the outermost line is meant
        outlines, _ = cv2.findContours(own, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        cv2.drawContours(pixels, outlines, -1, (255.0,), cv2.FILLED)
    pixels = cv2.dilate(pixels, np.ones((3, 3), np.uint8)).astype(np.uint8, copy=False)
    pixels.setflags(write=False)  # shared by all frames through the cache
    return pixels


def zone_pixels(zones: Iterable[Polygon], height: int, width: int) -> npt.NDArray[np.uint8]:
    """Return `uint8 (height, width)`, 0 or 255: the always masked zones, one pixel larger all round; read only."""
    return _zone_pixels(tuple(zones), height, width)
