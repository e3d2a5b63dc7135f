"""Silhouettes of a class map, followed from frame to frame: who moves how, without knowing who anybody is.

Detection follows the connected silhouettes itself instead of taking the masker's tracks: the simulated scenes it learns
from and the live masks then pass through the very same code, and a masker that keeps no tracks can be watched as well.
"""

from collections import deque
from dataclasses import dataclass, field

import cv2
import numpy as np
import numpy.typing as npt

GRID_LONG_SIDE = 160
"""Cells along the longer side of the working grid; coarse enough for 2 ms a frame, fine enough for a 6-cell person."""
MIN_HEIGHT_CELLS, MIN_AREA_CELLS = 4, 8
"""Smaller spots are noise of the mask more often than a person whose movement could be measured."""
TRAIL_S, NEAR_S, SAMPLE_S, SWING_S = 4.0, 1.6, 0.15, 1.6
"""How long a trail is remembered in steps of `SAMPLE_S`, how long in every frame, and over how long shapes swing."""
GATE_HEIGHTS = 0.9
"""A silhouette is the same one if its centre moved less than this many of its heights from where it was expected."""
FORGET_S = 0.8
"""A silhouette missed for longer has left; shorter gaps are flicker of the mask."""

Grid = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]
Point = tuple[float, float, float, float, float, float, float]


def to_grid(class_map: Grid, value: int) -> Grid:
    """Give the cells of one class on the working grid.

    Args:
        class_map: `uint8 (h, w)` of `BACKGROUND`, `PERSON`, `SCREEN`, `VEHICLE`.
        value: the class wanted.

    Returns:
        `uint8 (gh, gw)`, 0 or 1, the longer side `GRID_LONG_SIDE` (at most; small maps keep their size).
    """
    cells = np.asarray(class_map == value).view(np.uint8)
    long_side = max(cells.shape)
    if long_side <= GRID_LONG_SIDE:
        return cells
    scale = GRID_LONG_SIDE / long_side
    size = (max(8, round(cells.shape[1] * scale)), max(8, round(cells.shape[0] * scale)))
    shrunk = cv2.resize(cells * np.uint8(255), size, interpolation=cv2.INTER_AREA)
    return np.asarray(shrunk >= 112, np.uint8)


@dataclass(frozen=True, slots=True)
class Blobs:
    """The silhouettes of one frame.

    Attributes:
        labels: `int32 (gh, gw)`, 0 background, k + 1 for blob k, `len(self) + 1` for spots too small to follow.
        boxes: `float32 (N, 4)` xyxy in cells, half-open.
        centres: `float32 (N, 2)` centroids x, y in cells.
        areas: `float32 (N,)` cells.
    """

    labels: npt.NDArray[np.int32] = field(repr=False)
    boxes: Floats = field(repr=False)
    centres: Floats = field(repr=False)
    areas: Floats = field(repr=False)

    def __len__(self) -> int:
        return len(self.areas)

    @property
    def heights(self) -> Floats:
        """Body heights in cells, `float32 (N,)`; the ruler of every speed."""
        return np.asarray(self.boxes[:, 3] - self.boxes[:, 1], np.float32)

    @property
    def aspects(self) -> Floats:
        """Width by height, `float32 (N,)`; upright people are below .7, lying ones above 1."""
        return np.asarray((self.boxes[:, 2] - self.boxes[:, 0]) / self.heights, np.float32)


def _no_blobs(height: int, width: int) -> Blobs:
    return Blobs(
        labels=np.zeros((height, width), np.int32),
        boxes=np.zeros((0, 4), np.float32),
        centres=np.zeros((0, 2), np.float32),
        areas=np.zeros(0, np.float32),
    )


def find_blobs(cells: Grid) -> Blobs:
    """Give the connected silhouettes of `cells`, `uint8 (gh, gw)` of 0 and 1."""
    if not cv2.countNonZero(cells):
        return _no_blobs(cells.shape[0], cells.shape[1])
    count, labels, stats, centres = cv2.connectedComponentsWithStats(cells, connectivity=8, ltype=cv2.CV_16U)
    sizes = stats[1:]
    is_kept = (sizes[:, cv2.CC_STAT_AREA] >= MIN_AREA_CELLS) & (sizes[:, cv2.CC_STAT_HEIGHT] >= MIN_HEIGHT_CELLS)
    is_lying = (sizes[:, cv2.CC_STAT_AREA] >= MIN_AREA_CELLS) & (sizes[:, cv2.CC_STAT_WIDTH] >= 2 * MIN_HEIGHT_CELLS)
    kept = np.flatnonzero(is_kept | is_lying)
    renumber = np.full(count, len(kept) + 1, np.int32)
    renumber[0] = 0
    renumber[kept + 1] = np.arange(1, len(kept) + 1)
    left, top = sizes[kept, cv2.CC_STAT_LEFT], sizes[kept, cv2.CC_STAT_TOP]
    right, bottom = left + sizes[kept, cv2.CC_STAT_WIDTH], top + sizes[kept, cv2.CC_STAT_HEIGHT]
    return Blobs(
        labels=renumber[labels],
        boxes=np.stack([left, top, right, bottom], axis=1).astype(np.float32).reshape(-1, 4),
        centres=centres[1:][kept].astype(np.float32).reshape(-1, 2),
        areas=sizes[kept, cv2.CC_STAT_AREA].astype(np.float32),
    )


@dataclass(slots=True)
class Trail:
    """One silhouette through time.

    Attributes:
        born_s: when it was first seen.
        points: (time_s, x, y, width, height, area, bottom) in cells, oldest first, of the last `NEAR_S`.
        samples: the same at steps of `SAMPLE_S`, of the last `TRAIL_S`: enough for what changes slowly.
        swings: (time_s, change of width and height in body heights, seconds) of each step between samples.
        velocity: time_s and bh/s, x and y, as last measured; None before.
        down_since_s: since when it is low and wide after having been upright; None while it is not.
    """

    born_s: float
    points: deque[Point] = field(default_factory=deque)
    samples: deque[Point] = field(default_factory=deque)
    swings: deque[tuple[float, float, float]] = field(default_factory=deque)
    velocity: tuple[float, float, float] | None = None
    down_since_s: float | None = None

    def add(self, point: Point) -> None:
        """Take the newest point."""
        self.points.append(point)
        while point[0] - self.points[0][0] > NEAR_S:
            self.points.popleft()
        if self.samples and point[0] - self.samples[-1][0] < SAMPLE_S:
            return
        if self.samples:
            self._swing(self.samples[-1], point)
        self.samples.append(point)
        while point[0] - self.samples[0][0] > TRAIL_S:
            self.samples.popleft()

    def _swing(self, last: Point, point: Point) -> None:
        # A size that jumps is a silhouette that merged or split, and half a cell is the grid: neither counts.
        is_same = 0.6 < last[5] / point[5] < 1.67
        change = max(0.0, abs(last[3] - point[3]) - 0.5) + max(0.0, abs(last[4] - point[4]) - 0.5)
        gap_s = point[0] - last[0]
        self.swings.append((point[0], change / max(point[4], last[4]) if is_same else 0.0, gap_s if is_same else 0.0))
        while point[0] - self.swings[0][0] > SWING_S:
            self.swings.popleft()

    def back(self, now_s: float, age_s: float) -> Point | None:
        """Give the newest point at least `age_s` old (at most `NEAR_S`), None if the trail is younger."""
        latest_s = now_s - age_s
        for point in reversed(self.points):
            if point[0] <= latest_s:
                return point
        return None

    def expected(self, now_s: float) -> tuple[float, float]:
        """Give the centre expected now, by constant velocity over the last half second, x, y in cells."""
        last = self.points[-1]
        before = self.back(last[0], 0.4)
        if before is None or before[0] == last[0]:
            return last[1], last[2]
        ahead = (now_s - last[0]) / (last[0] - before[0])
        return last[1] + (last[1] - before[1]) * ahead, last[2] + (last[2] - before[2]) * ahead


class Follower:
    """Gives the silhouettes of each frame the trails they belong to: nearest expected centre first."""

    def __init__(self) -> None:
        self._trails: list[Trail] = []

    def reset(self) -> None:
        """Forget everybody."""
        self._trails = []

    def follow(self, blobs: Blobs, now_s: float) -> list[Trail]:
        """Give the trail of each blob, in the order of `blobs`, with the blob's own point appended.

        Args:
            blobs: the silhouettes of this frame.
            now_s: stream time, later than that of the frame before.
        """
        self._trails = [trail for trail in self._trails if now_s - trail.points[-1][0] <= FORGET_S]
        owner = self._match(blobs, now_s)
        result = []
        rows = zip(blobs.boxes.tolist(), blobs.centres.tolist(), blobs.areas.tolist(), strict=True)
        for index, ((left, top, right, bottom), (x, y), area) in enumerate(rows):
            trail = owner.get(index)
            if trail is None:
                trail = Trail(born_s=now_s)
                self._trails.append(trail)
            trail.add((now_s, x, y, right - left, bottom - top, area, bottom))
            result.append(trail)
        return result

    def _match(self, blobs: Blobs, now_s: float) -> dict[int, Trail]:
        if not self._trails or not len(blobs):
            return {}
        known = np.array(
            [(*trail.expected(now_s), max(trail.points[-1][3:5]), trail.points[-1][5]) for trail in self._trails],
            np.float32,
        )
        apart = known[:, None, :2] - blobs.centres[None, :, :]
        distance = np.hypot(apart[..., 0], apart[..., 1]) / known[:, 2, None]
        # A silhouette that doubles or halves has merged or split; it may keep its trail only if nothing else fits.
        distance += 0.25 * np.abs(np.log(known[:, 3, None] / blobs.areas[None, :]))
        owner: dict[int, Trail] = {}
        taken: set[int] = set()
        near, these = np.nonzero(distance < GATE_HEIGHTS)
        order = np.argsort(distance[near, these])
        for trail_index, blob_index in zip(near[order].tolist(), these[order].tolist(), strict=True):
            if blob_index in owner or trail_index in taken:
                continue
            owner[blob_index] = self._trails[trail_index]
            taken.add(trail_index)
        return owner
