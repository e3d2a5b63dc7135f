"""Motion of the masks themselves: dense optical flow on silhouettes, measured in body heights per second.

Method: DIS optical flow (Kroeger et al., ECCV 2016, doi 10.1007/978-3-319-46493-0_29; OpenCV's, Apache-2.0) between the
softened person mask of now and of about 0.18 s ago. The fixed distance in time makes 5 and 12.5 frames per second look
alike. Inside a flat silhouette flow is carried in from its outline, so it tells of limbs and of the whole body only.
"""

from collections import deque
from dataclasses import dataclass, field

import cv2
import numpy as np

from inference.core.detection.silhouettes import Blobs, Floats, Grid

FLOW_SPAN_S = 0.15
"""Least time between the two masks compared: 2 frames at 12.5 fps (0.16 s), 2 at 10 (0.2 s), 1 at 5 (0.2 s)."""
MAX_SPAN_S = 0.65
"""After a longer gap motion cannot be measured."""
MOVING_SPEED = 0.4
MAX_SPEED = 6.0
"""Body heights per second; nobody is faster (10 m/s), flow that says so is a merge or a flicker of the mask."""
FLOW_NOISE_CELLS, EDGE_NOISE = 0.35, 0.5
"""What a trembling outline alone moves: cells of flow, and cells per cell of width plus height. It is taken off every
measurement, so that small silhouettes, which are mostly outline, do not look agitated."""


@dataclass(frozen=True, slots=True)
class Motion:
    """Motion of the silhouettes of one frame. Speeds are in body heights per second (bh/s).

    Attributes:
        span_s: seconds between the two masks compared.
        cell_speeds: `float32 (M,)` speed of every person cell that belongs to a followed blob.
        cell_residuals: `float32 (M,)` the same after the movement of the whole silhouette is taken away: limbs.
        velocities: `float32 (N, 2)` mean velocity of each blob.
        residuals: `float32 (N,)` mean residual speed of each blob: limb energy.
        energies: `float32 (N,)` sum of squared cell speeds over blob area in squared body heights.
        changed: `float32 (N,)` share of a blob's cells that were not person before, per second.
        reshaped: `float32 (N,)` share of a blob's cells that differ after its own movement is taken away, per second.
        moving_share: share of the picture that is person and moves faster than 0.4 bh/s.
        limb_share: residual speed summed over the picture, by its area (bh/s).
        direction_spread: 0 if all cells move one way, 1 if their movements cancel out.
        change_rate: cells that differ / person cells, per second.
    """

    span_s: float
    cell_speeds: Floats = field(repr=False)
    cell_residuals: Floats = field(repr=False)
    velocities: Floats = field(repr=False)
    residuals: Floats = field(repr=False)
    energies: Floats = field(repr=False)
    changed: Floats = field(repr=False)
    reshaped: Floats = field(repr=False)
    direction_spread: float
    change_rate: float
    moving_share: float
    limb_share: float


class MotionMeter:
    """Compares each mask with the one a fixed time before it."""

    def __init__(self) -> None:
        self._past: deque[tuple[float, Grid, Grid]] = deque()
        self._flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST)
        self._flow.setFinestScale(1)

    def reset(self) -> None:
        """Forget the masks seen."""
        self._past.clear()

    def measure(self, cells: Grid, blobs: Blobs, now_s: float) -> Motion | None:
        """Measure the motion that led to `cells`; None while there is no mask old enough, or none recent enough.

        Args:
            cells: `uint8 (gh, gw)`, 1 where a person is.
            blobs: the silhouettes of `cells`.
            now_s: stream time in seconds.
        """
        soft = cv2.GaussianBlur(cells * np.uint8(220), (5, 5), 0)
        while len(self._past) > 1 and now_s - self._past[1][0] >= FLOW_SPAN_S:
            self._past.popleft()
        before = self._past[0] if self._past else None
        self._past.append((now_s, cells, np.asarray(soft, np.uint8)))
        if before is None or before[1].shape != cells.shape:
            return None
        span_s = now_s - before[0]
        if not FLOW_SPAN_S <= span_s <= MAX_SPAN_S:
            return None
        return self._compare(before, cells, np.asarray(soft, np.uint8), blobs, span_s)

    def _compare(
        self, before: tuple[float, Grid, Grid], cells: Grid, soft: Grid, blobs: Blobs, span_s: float
    ) -> Motion:
        # From now back to then, so that the vectors lie on the silhouettes of now; turned round afterwards.
        flow = self._flow.calc(soft, before[2], np.zeros((*cells.shape, 2), np.float32))
        count = len(blobs)
        is_followed = (blobs.labels > 0) & (blobs.labels <= count)
        which = blobs.labels[is_followed] - 1
        rulers = blobs.heights
        velocity = -flow[is_followed] / (rulers[which, None] * span_s)
        speed = np.linalg.norm(velocity, axis=1)
        velocity *= np.minimum(1.0, MAX_SPEED / np.maximum(speed, 1e-6))[:, None]
        noise = FLOW_NOISE_CELLS / (rulers[which] * span_s)
        speed = np.maximum(0.0, np.minimum(speed, MAX_SPEED) - noise)
        areas = np.maximum(blobs.areas, 1.0)

        def mean_per_blob(values: Floats) -> Floats:
            return np.asarray(np.bincount(which, values, count) / areas, np.float32)

        velocities = np.stack([mean_per_blob(velocity[:, 0]), mean_per_blob(velocity[:, 1])], axis=1)
        residual = np.maximum(0.0, np.linalg.norm(velocity - velocities[which], axis=1) - noise)
        is_new = (before[1][is_followed] == 0).astype(np.float32)
        edges = EDGE_NOISE * (blobs.boxes[:, 2] - blobs.boxes[:, 0] + rulers)
        changed = np.maximum(0.0, mean_per_blob(is_new) * areas - edges) / areas
        differing = max(0.0, float(np.count_nonzero(before[1] != cells)) - 2.0 * float(edges.sum()))
        total = float(speed.sum())
        spread = 1.0 - float(np.linalg.norm(velocity.sum(axis=0))) / total if total > 1e-3 else 0.0
        return Motion(
            span_s=span_s,
            cell_speeds=np.asarray(speed, np.float32),
            cell_residuals=np.asarray(residual, np.float32),
            velocities=velocities,
            residuals=mean_per_blob(residual),
            energies=mean_per_blob(speed**2) * areas / np.maximum(rulers, 1.0) ** 2,
            changed=np.asarray(changed / span_s, np.float32),
            reshaped=_reshaped(before[1], blobs, velocities * rulers[:, None] * span_s, span_s),
            direction_spread=spread,
            change_rate=differing / max(1.0, float(cells.sum())) / span_s,
            moving_share=float((speed > MOVING_SPEED).sum()) / cells.size,
            limb_share=float(residual.sum()) / cells.size,
        )


def _reshaped(before: Grid, blobs: Blobs, moved: Floats, span_s: float) -> Floats:
    """Compare each blob with the mask before it, moved along by whole cells.

    Flow cannot see the limbs of someone ten cells tall; what is left after the whole body is laid over itself can.

    Args:
        before: `uint8 (gh, gw)`, the mask `span_s` ago.
        blobs: the silhouettes of now.
        moved: `float32 (N, 2)` movement of each blob since then, in cells.
        span_s: seconds between the two.
    """
    rows, columns = before.shape
    result = np.zeros(len(blobs), np.float32)
    shifts = np.rint(moved).astype(int)
    for index, (left, top, right, bottom) in enumerate(blobs.boxes.astype(int)):
        x, y = left - shifts[index, 0], top - shifts[index, 1]
        wide, tall = right - left, bottom - top
        if x < 0 or y < 0 or x + wide > columns or y + tall > rows:
            continue
        now = blobs.labels[top:bottom, left:right] == index + 1
        differing = np.count_nonzero(now != (before[y : y + tall, x : x + wide] > 0))
        result[index] = max(0.0, differing - EDGE_NOISE * (wide + tall)) / blobs.areas[index] / span_s
    return np.minimum(result, 6.0)
