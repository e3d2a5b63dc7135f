"""Statistics of the flow of all silhouettes together, without following anybody.

The second expert of `paca-detect`. Two people who struggle are one ragged silhouette that falls apart and closes
again; following silhouettes then says little, how the whole mask flows says much. Nothing is followed here, so there is
nothing to lose, and a verdict needs one second only. Statistics are over all cells that are or were person, in body
heights per second; mean and peak of each over the last two seconds.
"""

from collections import deque
from typing import Final

import cv2
import numpy as np

from inference.core.detection.mask_flow import Look
from inference.core.detection.silhouettes import Blobs, Floats, Grid

WINDOW_S: Final = 2.0
LEAST_S: Final = 0.8
"""No verdict on less than so much flow (about one second of video)."""
LEAST_CELLS: Final = 7
"""With fewer person cells of the half grid there is no flow to speak of; the moment counts as still."""
RULER_RANGE: Final = (5.0, 90.0)
"""Body heights, in cells, that are believed."""
STILL: Final = 0.15
"""bh/s added before anything is divided by a speed, so that standing people are not the most ragged of all."""
MAX_SPEED: Final = 8.0
DIRECTIONS: Final = 8
REACH: Final = 0.8
"""Body heights: movements within so wide a square are within arm's reach of each other."""

STATISTICS: Final = ("speed", "direction_spread", "ragged", "turning", "squeezing", "opposed")
"""`speed` in bh/s; `direction_spread` 0-1, how evenly all movement goes every way; the others by how fast all moves
(recordings lie about their speed, ratios do not): flow unlike that of a quarter body around, curl, divergence, and
movement that cancels out within arm's reach: people who cross or walk in a crowd do not move through each other."""
FLOW_NAMES: Final = tuple(f"{name}.{how}" for how in ("mean", "peak") for name in STATISTICS)


class FlowStatistics:
    """Measures how the silhouettes of one camera flow, causally."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget the statistics seen."""
        self._kept: deque[tuple[float, Floats]] = deque()
        self._ruler = 0.0

    def update(self, look: Look) -> Floats | None:
        """Take one look, give the statistics of the last two seconds; None while less than `LEAST_S` is known.

        Returns:
            `float32 (len(FLOW_NAMES),)` in the order of `FLOW_NAMES`.
        """
        self._follow_ruler(look.blobs)
        if look.span_s <= 0.0:
            return None
        self._kept.append((look.time_s, self._measure(look)))
        while look.time_s - self._kept[0][0] > WINDOW_S:
            self._kept.popleft()
        if look.time_s - self._kept[0][0] < LEAST_S:
            return None
        values = np.sort(np.stack([vector for _, vector in self._kept]), axis=0)
        quarter = max(1, len(values) // 4)
        return np.asarray(np.concatenate([values.mean(axis=0), values[-quarter:].mean(axis=0)]), np.float32)

    def _follow_ruler(self, blobs: Blobs) -> None:
        """Follow the body height in cells, weighted by area and steadied over time: small spots count little."""
        if len(blobs):
            tall = np.maximum(blobs.heights, blobs.boxes[:, 2] - blobs.boxes[:, 0])
            seen = float(np.clip((blobs.areas * tall).sum() / blobs.areas.sum(), *RULER_RANGE))
            self._ruler = seen if self._ruler <= 0.0 else 0.9 * self._ruler + 0.1 * seen

    def _measure(self, look: Look) -> Floats:
        # The flow is found at half the grid's resolution; what lies between adds time and tells nothing.
        inside = (look.cells | look.before)[::2, ::2]
        places = np.flatnonzero(inside)
        ruler = self._ruler / 2.0
        if ruler <= 0.0 or len(places) < LEAST_CELLS:
            return np.zeros(len(STATISTICS), np.float32)
        flow = np.asarray(look.flow[::2, ::2] / np.float32(self._ruler * look.span_s), np.float32)
        speeds = np.minimum(cv2.magnitude(flow[..., 0], flow[..., 1]), MAX_SPEED)
        at, speed = flow.reshape(-1, 2)[places], speeds.ravel()[places]
        around = cv2.blur(flow, (2 * max(1, round(ruler / 4)) + 1,) * 2).reshape(-1, 2)[places]
        apart = at - around
        ragged = np.minimum(np.hypot(apart[:, 0], apart[:, 1]), MAX_SPEED).mean()
        across = 0.5 * (flow[1:-1, 2:] - flow[1:-1, :-2])
        down = 0.5 * (flow[2:, 1:-1] - flow[:-2, 1:-1])
        slopes = np.zeros((2, *inside.shape), np.float32)
        np.abs(across[..., 1] - down[..., 0], out=slopes[0, 1:-1, 1:-1])
        np.abs(across[..., 0] + down[..., 1], out=slopes[1, 1:-1, 1:-1])
        turning, squeezing = slopes.reshape(2, -1)[:, places].mean(axis=1) * ruler
        mean_speed = speed.mean()
        ratios = np.array([ragged, turning, squeezing, _opposed(inside, flow, speeds, ruler)]) / (mean_speed + STILL)
        return np.array([mean_speed, _direction_spread(at, speed), *ratios], np.float32)


def _opposed(inside: Grid, flow: Floats, speeds: Floats, ruler: float) -> float:
    """Give the movement that cancels out within arm's reach, mean over all person cells, bh/s."""
    weight = inside.astype(np.float32)
    side = 2 * max(1, round(REACH * ruler / 2)) + 1
    moved = cv2.merge([flow[..., 0] * weight, flow[..., 1] * weight, speeds * weight])
    near = cv2.blur(moved, (side, side), borderType=cv2.BORDER_CONSTANT)
    cancelled = np.maximum(0.0, near[..., 2] - cv2.magnitude(near[..., 0], near[..., 1]))
    # A blur spreads but keeps sums, so that dividing by the person cells gives a mean over them.
    return float(cancelled.sum() / weight.sum())


def _direction_spread(flow: Floats, speed: Floats) -> float:
    """Give the entropy of the directions of movement, 0 (one way) to 1 (all ways), weighted by how much moves."""
    total = float(speed.sum())
    if total < 1e-3:
        return 0.0
    turns = cv2.phase(flow[:, 0], flow[:, 1]).ravel() * np.float32(DIRECTIONS / (2 * np.pi))
    shares = np.bincount(turns.astype(np.intp) % DIRECTIONS, speed, DIRECTIONS) / total
    entropy = -float((shares * np.log(np.maximum(shares, 1e-9))).sum()) / float(np.log(DIRECTIONS))
    return entropy * min(1.0, total / len(speed) / 0.3)
