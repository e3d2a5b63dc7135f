"""Motion of each silhouette, measured in body heights per second from the flow of the masks."""

from dataclasses import dataclass, field

import cv2
import numpy as np
import numpy.typing as npt

from inference.core.detection.mask_flow import Look
from inference.core.detection.silhouettes import Blobs, Floats, Grid

MOVING_SPEED = 0.4
MAX_SPEED = 6.0
"""Body heights per second; nobody is faster (10 m/s), flow that says so is a merge or a flicker of the mask."""
FLOW_NOISE_CELLS, EDGE_NOISE = 0.35, 0.5
"""What a trembling outline alone moves: cells of flow, and cells per cell of width plus height. It is taken off every
measurement, so that small silhouettes, which are mostly outline, do not look agitated."""
MAX_RESHAPED = 6.0
Indexes = npt.NDArray[np.intp]


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


def measure_motion(look: Look) -> Motion | None:
    """Measure the motion that led to this look; None where there is no mask to compare it with."""
    if look.span_s <= 0.0:
        return None
    blobs, span_s, before = look.blobs, look.span_s, look.before.ravel()
    count, labels = len(blobs), blobs.labels.ravel()
    places = np.flatnonzero(look.cells)
    which: Indexes = labels[places].astype(np.intp) - 1
    if which.max(initial=0) >= count:  # spots too small to follow
        is_followed = which < count
        places, which = places[is_followed], which[is_followed]
    rulers, areas = blobs.heights, blobs.areas
    scale = (1.0 / (rulers * span_s))[which] if count else np.zeros(0, np.float32)
    velocity_x, velocity_y = (look.flow.reshape(-1, 2)[places] * scale[:, None]).T
    speed = np.hypot(velocity_x, velocity_y)
    cut = np.minimum(1.0, MAX_SPEED / np.maximum(speed, 1e-6))
    velocity_x, velocity_y = velocity_x * cut, velocity_y * cut
    noise = FLOW_NOISE_CELLS * scale
    speed = np.maximum(0.0, np.minimum(speed, MAX_SPEED) - noise)

    def sum_per_blob(values: Floats) -> Floats:
        return np.asarray(np.bincount(which, values, count), np.float32)

    mean_x, mean_y = sum_per_blob(velocity_x) / areas, sum_per_blob(velocity_y) / areas
    residual = np.hypot(velocity_x - mean_x[which], velocity_y - mean_y[which]) - noise
    residual = np.maximum(0.0, residual)
    edges = EDGE_NOISE * (blobs.boxes[:, 2] - blobs.boxes[:, 0] + rulers)
    changed = np.maximum(0.0, sum_per_blob(before[places] == 0) - edges) / areas
    differing = max(0.0, float(np.count_nonzero(look.before != look.cells)) - 2.0 * float(edges.sum()))
    total = float(speed.sum())
    together = float(np.hypot(velocity_x.sum(), velocity_y.sum()))
    velocities = np.stack([mean_x, mean_y], axis=1)
    return Motion(
        span_s=span_s,
        cell_speeds=np.asarray(speed, np.float32),
        cell_residuals=np.asarray(residual, np.float32),
        velocities=velocities,
        residuals=sum_per_blob(residual) / areas,
        energies=sum_per_blob(speed**2) / np.maximum(rulers, 1.0) ** 2,
        changed=np.asarray(changed / span_s, np.float32),
        reshaped=_reshaped(look.before, blobs, (places, which), velocities * (rulers * span_s)[:, None], span_s),
        direction_spread=1.0 - together / total if total > 1e-3 else 0.0,
        change_rate=differing / max(1.0, float(np.count_nonzero(look.cells))) / span_s,
        moving_share=float(np.count_nonzero(speed > MOVING_SPEED)) / look.cells.size,
        limb_share=float(residual.sum()) / look.cells.size,
    )


def _reshaped(before: Grid, blobs: Blobs, cells: tuple[Indexes, Indexes], moved: Floats, span_s: float) -> Floats:
    """Compare each blob with the mask before it, moved along by whole cells.

    Flow cannot see the limbs of someone ten cells tall; what is left after the whole body is laid over itself can.

    Args:
        before: `uint8 (gh, gw)`, the mask `span_s` ago.
        blobs: the silhouettes of now.
        cells: `(M,)` place in the flattened grid and `(M,)` blob of every cell of a silhouette.
        moved: `float32 (N, 2)` movement of each blob since then, in cells.
        span_s: seconds between the two.
    """
    (places, which), (rows, columns) = cells, before.shape
    if not len(blobs):
        return np.zeros(0, np.float32)
    shifts = np.rint(moved).astype(np.intp)
    boxes = blobs.boxes.astype(np.intp) - np.concatenate([shifts, shifts], axis=1)
    is_inside = (boxes[:, :2] >= 0).all(axis=1) & (boxes[:, 2] <= columns) & (boxes[:, 3] <= rows)
    back = places - (shifts[:, 1] * columns + shifts[:, 0])[which]
    # Those moved in from outside the picture are left out below; their places only have to exist.
    shared = np.bincount(which, before.ravel()[np.clip(back, 0, before.size - 1)], len(blobs))
    left, top, right, bottom = np.clip(boxes, 0, [columns, rows, columns, rows]).T
    sums = cv2.integral(before)
    there = sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left]
    differing = blobs.areas + there - 2.0 * shared
    edges = EDGE_NOISE * (blobs.boxes[:, 2] - blobs.boxes[:, 0] + blobs.heights)
    result = np.maximum(0.0, differing - edges) / blobs.areas / span_s
    return np.asarray(np.where(is_inside, np.minimum(result, MAX_RESHAPED), 0.0), np.float32)
