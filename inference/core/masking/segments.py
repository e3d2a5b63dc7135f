"""From probabilities to objects: what is seen in one frame, cell by cell and object by object."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt

from inference.core.errors import MaskingError
from inference.core.frames import BACKGROUND, PERSON, SCREEN, VEHICLE
from inference.core.masking.base import CellMap, Probabilities
from inference.core.masking.cover import Stamp, grow
from inference.core.masking.tracking import Boxes

CLASSES: Final = (PERSON, SCREEN, VEHICLE)
"""In the order of the network's maps."""

FINER: Final = 2
"""Fine cells per cell of the network's maps, each way: 2 pixels of 640x360."""

EXPECTED: Final = 0.15
"""Probability from which a cell counts where its class was expected."""

CERTAIN: Final = 0.5
"""Probability from which a cell is part of a shape, as far as detection is concerned."""

SOFT_EDGE: Final = 3 * FINER
"""How far, in fine cells, the low threshold reaches beyond cells that are sure."""


@dataclass(frozen=True, slots=True)
class Segment:
    """All connected shapes of one class.

    Attributes:
        class_id: `PERSON`, `SCREEN` or `VEHICLE`.
        labels: `int32 (h, w)`; 0 is background, shape i has label i + 1.
        boxes: `float32 (N, 4)` xyxy in cells.
        thickness: `float32 (N,)`, diameter of the largest disc that fits into each shape, in cells.
    """

    class_id: int
    labels: npt.NDArray[np.int32] = field(repr=False)
    boxes: Boxes = field(repr=False)
    thickness: npt.NDArray[np.float32] = field(repr=False)

    def stamp(self, index: int) -> Stamp:
        """Return the shape of object `index`."""
        left, top, right, bottom = (int(value) for value in self.boxes[index])
        mask = (self.labels[top:bottom, left:right] == index + 1).astype(np.uint8)
        return Stamp(mask, left, top, float(self.thickness[index]))


def check_probabilities(given: Any, expected: tuple[int, ...] | None) -> Probabilities:
    """Return `given` if it can be the word of a network on one frame.

    Args:
        given: should be `float32 (3, h, w)`, finite, 0-1.
        expected: shape of the maps before, if any.

    Raises:
        MaskingError: it is not; nothing in the frame can then be trusted.
    """
    if not isinstance(given, np.ndarray) or given.dtype != np.float32 or given.ndim != 3 or given.shape[0] != 3:
        shape = f"{given.dtype} {given.shape}" if isinstance(given, np.ndarray) else type(given).__name__
        raise MaskingError(f"the network must give float32 (3, h, w), got {shape}")
    if 0 in given.shape or (expected is not None and given.shape != expected):
        raise MaskingError(f"the network's maps must keep their shape {expected}, got {given.shape}")
    low, high = float(given.min()), float(given.max())
    if not (low >= -1e-3 and high <= 1.0 + 1e-3):  # also false for NaN
        raise MaskingError(f"the network must give probabilities, got values from {low} to {high}")
    return given


def finer(maps: Probabilities) -> Probabilities:
    """Return `float32 (3, h, w)` maps at `FINER` times the resolution, linear between the network's cells.

    Thresholding afterwards draws outlines between cells; on whole cells a person's edge would be up to a cell off.
    """
    height, width = maps.shape[1] * FINER, maps.shape[2] * FINER
    return np.stack([cv2.resize(one, (width, height), interpolation=cv2.INTER_LINEAR) for one in maps])


def coarser(cells: CellMap) -> CellMap:
    """Return finer cells (`uint8 (h, w)`, 0 or 1) on the network's own grid: a cell counts from half covered on."""
    height, width = cells.shape[0] // FINER, cells.shape[1] // FINER
    share = cv2.resize(cells * np.uint8(255), (width, height), interpolation=cv2.INTER_AREA)
    return (share >= 127).astype(np.uint8)


def seen_cells(maps: Probabilities, priors: list[CellMap], thresholds: Sequence[tuple[float, float]]) -> list[CellMap]:
    """Return for each class `uint8 (h, w)`, 0 or 1: where it is seen.

    Hysteresis in space and in time. A cell counts from the high threshold; from the low one on it counts near such a
    cell (edges, thin limbs). Where the class was expected (`priors`, 0 or 1) it counts from `EXPECTED` on: what was
    there a moment ago is hardly gone because the light changed, but shapes must not creep from frame to frame.
    Growing blindly by a share of a body's width instead covers as many people, but half as much background again.
    """
    seen = []
    for one, prior, (high, low) in zip(maps, priors, thresholds, strict=True):
        sure = (one > high).astype(np.uint8)
        likely = (one > low).astype(np.uint8)
        expected = (one > min(high, max(low, EXPECTED))).astype(np.uint8)
        seen.append(sure | (likely & grow(sure, SOFT_EDGE)) | (expected & prior))
    return seen


def segment(cells: CellMap, class_id: int) -> Segment:
    """Split `cells` (`uint8 (h, w)`, 0 or 1) into connected shapes; only the window that has any is looked at."""
    left, top, width, height = cv2.boundingRect(cells)
    if not width:
        return Segment(class_id, cells.astype(np.int32), np.empty((0, 4), np.float32), np.empty(0, np.float32))
    left, top = max(0, left - 1), max(0, top - 1)  # with a rim of nothing, from which thickness is measured
    place = slice(top, top + height + 2), slice(left, left + width + 2)
    window = np.ascontiguousarray(cells[place])
    count, found, stats, _ = cv2.connectedComponentsWithStats(window, connectivity=8, ltype=cv2.CV_32S)
    labels = np.zeros(cells.shape, np.int32)
    shapes = np.asarray(found, np.int32)
    labels[place] = shapes
    corners = stats[1:, [cv2.CC_STAT_LEFT, cv2.CC_STAT_TOP]] + np.array([left, top], np.int32)
    sides = stats[1:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]]
    boxes = np.concatenate([corners, corners + sides], axis=1).astype(np.float32)
    depth = np.zeros(count, np.float32)
    at = np.flatnonzero(window)
    distance = cv2.distanceTransform(window, cv2.DIST_L2, 3)
    np.maximum.at(depth, shapes.ravel()[at], distance.ravel()[at])
    # A shape that fills the whole map has no edge to measure from; none is thicker than its box.
    thickness = 2.0 * np.minimum(depth[1:], sides.min(axis=1) / 2.0)
    return Segment(class_id, labels, boxes, thickness.astype(np.float32))


def certain(maps: Probabilities, seen: list[CellMap]) -> list[CellMap]:
    """Return what of `seen` (fine cells) is certain, on the network's own grid: for whoever judges shapes.

    Covering errs to the covered side; a detector that gets those shapes sees bodies without limbs.
    """
    return [coarser(cells & (one > CERTAIN)) for one, cells in zip(maps, seen, strict=True)]


def class_map(seen: list[CellMap]) -> CellMap:
    """Return `uint8 (h, w)` of class values; a person in a car is a person."""
    result = np.full(seen[0].shape, BACKGROUND, np.uint8)
    for class_id in (VEHICLE, SCREEN, PERSON):
        result[seen[class_id - 1] > 0] = class_id
    return result
