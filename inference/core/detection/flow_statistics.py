"""Statistics of the flow of all silhouettes together, without following anybody.

The second expert of `paca-detect`. Two people who struggle are one ragged silhouette that falls apart and closes
again; following silhouettes then says little, how the whole mask flows says much. Nothing is followed here, so there is
nothing to lose, and a verdict needs one second only.

Method: DIS optical flow (Kroeger et al., ECCV 2016, doi 10.1007/978-3-319-46493-0_29; OpenCV's, Apache-2.0) between the
softened binary person mask of now and of about 0.16 s ago; statistics over all person cells, in body heights per
second; mean, spread and peak of each over the last two seconds.
"""

from collections import deque
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from inference.core.detection.motion import FLOW_SPAN_S, MAX_SPAN_S
from inference.core.detection.silhouettes import Floats, Grid, to_grid
from inference.core.frames import PERSON

WINDOW_S: Final = 2.0
LEAST_S: Final = 0.8
"""No verdict on less than so much flow (about one second of video)."""
LEAST_CELLS: Final = 25
"""With fewer person cells there is no flow to speak of; the moment counts as still."""
RULER_RANGE: Final = (5.0, 90.0)
"""Body heights, in cells, that are believed."""
MOVING: Final = 0.5
STILL: Final = 0.15
"""bh/s added before anything is divided by a speed, so that standing people are not the most ragged of all."""
MAX_SPEED: Final = 8.0
ACCELERATION_CAP: Final = 30.0
DIRECTIONS: Final = 8

STATISTICS: Final = (
    "speed_mean",
    "speed_median",
    "speed_high",
    "speed_top",
    "speed_spread",
    "direction_spread",
    "residual",
    "local",
    "divergence",
    "curl",
    "change",
    "moving_bodies",
    "energy",
    "acceleration",
    "limb_bodies",
    "limb_picture",
    "ragged",
    "turning",
    "squeezing",
    "jerking",
)
"""bh/s; `direction_spread` 0-1; `change` 1/s; `moving_bodies`, `energy`, `limb_bodies` in squared body heights,
log(1 + x);
`limb_picture` is `local` summed over the picture, by its area; the last four are local flow,
curl, divergence and acceleration for how fast all moves: recordings lie about their speed, ratios do not."""
FLOW_NAMES: Final = tuple(f"{name}.{how}" for how in ("mean", "spread", "peak") for name in STATISTICS)


class FlowStatistics:
    """Measures how the silhouettes of one camera flow, causally."""

    def __init__(self) -> None:
        self._flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST)
        self._flow.setFinestScale(1)
        self.reset()

    def reset(self) -> None:
        """Forget the masks and statistics seen."""
        self._past: deque[tuple[float, Grid, Grid]] = deque()
        self._kept: deque[tuple[float, Floats]] = deque()
        self._before: tuple[float, Floats] | None = None
        self._ruler = 0.0

    def update(self, class_map: Grid, time_s: float) -> Floats | None:
        """Take one frame, give the statistics of the last two seconds; None while less than `LEAST_S` is known.

        Args:
            class_map: `uint8 (h, w)` of a masked frame.
            time_s: stream time in seconds, later than before.

        Returns:
            `float32 (len(FLOW_NAMES),)` in the order of `FLOW_NAMES`.
        """
        cells = to_grid(class_map, PERSON)
        soft = np.asarray(cv2.GaussianBlur(cells * np.uint8(220), (5, 5), 0), np.uint8)
        while len(self._past) > 1 and time_s - self._past[1][0] >= FLOW_SPAN_S:
            self._past.popleft()
        before = self._past[0] if self._past else None
        self._past.append((time_s, cells, soft))
        if before is None or before[1].shape != cells.shape:
            return None
        span_s = time_s - before[0]
        if not FLOW_SPAN_S <= span_s <= MAX_SPAN_S:
            return None
        self._kept.append((time_s, self._measure(before, cells, soft, time_s, span_s)))
        while time_s - self._kept[0][0] > WINDOW_S:
            self._kept.popleft()
        if time_s - self._kept[0][0] < LEAST_S:
            return None
        values = np.sort(np.stack([vector for _, vector in self._kept]), axis=0)
        quarter = max(1, len(values) // 4)
        pooled = (values.mean(axis=0), values.std(axis=0), values[-quarter:].mean(axis=0))
        return np.asarray(np.concatenate(pooled), np.float32)

    def _measure(
        self, before: tuple[float, Grid, Grid], cells: Grid, soft: Grid, time_s: float, span_s: float
    ) -> Floats:
        ruler = self._follow_ruler(cells)
        inside = np.asarray((cells | before[1]) > 0, np.bool_)
        if ruler <= 0.0 or np.count_nonzero(inside) < LEAST_CELLS:
            self._before = None
            return np.zeros(len(STATISTICS), np.float32)
        moved = self._flow.calc(before[2], soft, np.zeros((*cells.shape, 2), np.float32))
        flow = np.asarray(moved / (ruler * span_s), np.float32)
        speeds = np.minimum(np.hypot(flow[..., 0], flow[..., 1]), MAX_SPEED)
        at, around = flow[inside], cv2.blur(flow, (2 * int(ruler / 4) + 3,) * 2)[inside]
        speed = np.sort(speeds[inside])
        slope_y, slope_x = np.gradient(flow, axis=(0, 1))
        divergence, curl = slope_x[..., 0] + slope_y[..., 1], slope_x[..., 1] - slope_y[..., 0]
        size = float(np.count_nonzero(inside))
        moving = np.clip(at, -MAX_SPEED, MAX_SPEED)
        local = np.minimum(np.linalg.norm(at - around, axis=1), MAX_SPEED)
        mean_speed, acceleration = float(speed.mean()), self._acceleration(flow, inside, time_s)
        turning, squeezing = np.abs(curl[inside]).mean() * ruler, np.abs(divergence[inside]).mean() * ruler
        values = (
            mean_speed,
            speed[len(speed) // 2],
            speed[int(0.9 * len(speed))],
            speed[int(0.98 * len(speed))],
            speed.std(),
            _direction_spread(moving, speeds[inside]),
            np.minimum(np.linalg.norm(moving - moving.mean(axis=0), axis=1), MAX_SPEED).mean(),
            local.mean(),
            squeezing,
            turning,
            np.count_nonzero(cells != before[1]) / size / span_s,
            np.log1p(np.count_nonzero(speed > MOVING) / ruler**2),
            np.log1p(float((speed**2).sum()) / ruler**2),
            acceleration,
            np.log1p(10.0 * float(local.sum()) / ruler**2),
            100.0 * float(local.sum()) / cells.size,
            local.mean() / (mean_speed + STILL),
            turning / (mean_speed + STILL),
            squeezing / (mean_speed + STILL),
            acceleration / (mean_speed + STILL),
        )
        return np.asarray(values, np.float32)

    def _follow_ruler(self, cells: Grid) -> float:
        """Give the body height in cells, weighted by area and steadied over time, so that crumbs count little."""
        count, _, stats, _ = cv2.connectedComponentsWithStats(cells, connectivity=8, ltype=cv2.CV_32S)
        if count > 1:
            areas = stats[1:, cv2.CC_STAT_AREA].astype(np.float64)
            tall = np.maximum(stats[1:, cv2.CC_STAT_HEIGHT], stats[1:, cv2.CC_STAT_WIDTH])
            seen = float(np.clip((areas * tall).sum() / areas.sum(), *RULER_RANGE))
            self._ruler = seen if self._ruler <= 0.0 else 0.9 * self._ruler + 0.1 * seen
        return self._ruler

    def _acceleration(self, flow: Floats, inside: npt.NDArray[np.bool_], time_s: float) -> float:
        before, self._before = self._before, (time_s, flow)
        if before is None:
            return 0.0
        turned = np.linalg.norm((flow - before[1])[inside], axis=1) / max(0.04, time_s - before[0])
        return float(np.minimum(turned, ACCELERATION_CAP).mean())


def _direction_spread(flow: Floats, speed: Floats) -> float:
    """Give the entropy of the directions of movement, 0 (one way) to 1 (all ways), weighted by how much moves."""
    total = float(speed.sum())
    if total < 1e-3:
        return 0.0
    bins = np.floor((np.arctan2(flow[:, 1], flow[:, 0]) / (2 * np.pi) + 0.5) * DIRECTIONS).astype(int) % DIRECTIONS
    shares = np.bincount(bins, speed, DIRECTIONS) / total
    entropy = -float((shares * np.log(np.maximum(shares, 1e-9))).sum()) / float(np.log(DIRECTIONS))
    return entropy * min(1.0, total / len(speed) / 0.3)
