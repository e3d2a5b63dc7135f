"""What silhouettes do along their trails: speed, going down, moving together, vehicles near them."""

from math import hypot
from operator import itemgetter

import numpy as np

from inference.core.detection.motion import Motion
from inference.core.detection.quantile import quantile
from inference.core.detection.silhouettes import SWING_S, Blobs, Floats, Point, Trail

FAST_SPEED = 1.4
"""Body heights per second; walking is about 0.8, running above 1.6."""
STILL_SPEED = 0.15
WIDENED = 1.15
BACK_S = 0.45
_HEIGHT = itemgetter(4)


def look_back(trails: list[Trail], time_s: float) -> list[Point | None]:
    """Give where each silhouette was about half a second ago; None where it was not yet seen."""
    return [trail.back(time_s, BACK_S) for trail in trails]


def measure_speeds(trails: list[Trail], before: list[Point | None], motion: Motion, time_s: float) -> Floats:
    """Speed of each silhouette: displacement over half a second, or flow where the silhouette has merged or split."""
    speeds: list[float] = np.hypot(motion.velocities[:, 0], motion.velocities[:, 1]).tolist()
    for index, (trail, then) in enumerate(zip(trails, before, strict=True)):
        now = trail.points[-1]
        if then is None or not 0.6 < now[5] / then[5] < 1.6 or not 0.75 < now[4] / then[4] < 1.33:
            continue
        ruler = (time_s - then[0]) * 0.5 * (now[4] + then[4])
        speeds[index] = min(6.0, hypot(now[1] - then[1], now[2] - then[2]) / ruler)
    return np.array(speeds, np.float32)


def measure_falls(trails: list[Trail], speeds: Floats, time_s: float) -> tuple[Floats, Floats, Floats]:
    """Give, for each silhouette, evidence of lying (0-1), loss of height in 4 s (0-1) and seconds down."""
    rows = [_measure_fall(trail, speed, time_s) for trail, speed in zip(trails, speeds.tolist(), strict=True)]
    lying, drops, down_s = np.array(rows, np.float32).reshape(-1, 3).T
    return lying, drops, down_s


def _measure_fall(trail: Trail, speed: float, time_s: float) -> tuple[float, float, float]:
    now = trail.points[-1]
    aspect, drop = now[3] / now[4], 0.0
    slow = min(1.0, max(0.0, 1.0 - speed / 0.6))
    lying = min(1.0, max(0.0, (aspect - 0.8) / 0.7)) * slow
    tallest = max(trail.samples, key=_HEIGHT)
    # Who falls gets wider and stays on the ground; who is half hidden by something gets shorter and no wider.
    has_sunk = now[3] > WIDENED * tallest[3] and now[6] > tallest[6] - 0.35 * tallest[4]
    if time_s - trail.born_s > 0.8 and tallest[3] < 0.9 * tallest[4] and has_sunk:
        areas = sorted(point[5] for point in trail.samples)
        if now[5] < 1.7 * areas[len(areas) // 2]:  # one body still, not two that have merged
            drop = max(0.0, 1.0 - now[4] / tallest[4]) * min(1.0, aspect)
    if drop > 0.35 and aspect > 0.8 and trail.down_since_s is None:
        trail.down_since_s = time_s
    elif trail.down_since_s is not None and aspect < 0.65:
        trail.down_since_s = None
    if trail.down_since_s is None:
        return 0.5 * lying, drop, 0.0  # low and wide without having been seen upright: a bench, a cut-off body
    down_s = time_s - trail.down_since_s
    return max(lying, slow * min(1.0, down_s / 1.5)), drop, down_s


def measure_people(blobs: Blobs, speeds: Floats, motion: Motion) -> dict[str, float]:
    """Give the features of how people move: speeds, headings, dispersal, stillness and number."""
    count = len(blobs)
    names = (
        "speed_top",
        "speed_high",
        "fast_share",
        "fast_people",
        "heading_spread",
        "outward",
        "still_share",
        "people",
        "crowding",
    )
    if not count:
        return dict.fromkeys(names, 0.0)
    is_fast, is_moving = speeds > FAST_SPEED, speeds > 0.4
    lengths = np.linalg.norm(motion.velocities, axis=1, keepdims=True)
    headings = motion.velocities / np.maximum(lengths, 1e-6)
    spread = 1.0 - float(np.linalg.norm(headings[is_moving].mean(axis=0))) if is_moving.sum() > 1 else 0.0
    outward = 0.0
    if count > 2:
        radial = blobs.centres - blobs.centres.mean(axis=0)
        radial /= np.maximum(np.linalg.norm(radial, axis=1, keepdims=True), 1e-6)
        outward = float((motion.velocities * radial).sum(axis=1).mean())
    wide = np.clip(blobs.aspects - 0.7, 0.0, 1.0)
    return {
        "speed_top": float(speeds.max()),
        "speed_high": quantile(speeds, 0.8),
        "fast_share": float(is_fast.mean()),
        "fast_people": float(np.log1p(is_fast.sum())),
        "heading_spread": spread * float(is_moving.mean()),
        "outward": outward,
        "still_share": float((speeds < STILL_SPEED).mean()),
        "people": float(np.log1p(count)),
        "crowding": float((wide * blobs.areas).sum() / blobs.areas.sum()),
    }


def measure_shape_change(trails: list[Trail], before: list[Point | None]) -> float:
    """Give the fastest change of width by height, 1/s; silhouettes that merge or split do not count."""
    top = 0.0
    for trail, then in zip(trails, before, strict=True):
        now = trail.points[-1]
        if then is not None and 0.6 < now[5] / then[5] < 1.6:
            top = max(top, abs(now[3] / now[4] - then[3] / then[4]) / (now[0] - then[0]))
    return min(4.0, top)


def measure_churn(trails: list[Trail], time_s: float) -> Floats:
    """Give how fast each silhouette's width and height go up and down, bh/s, over `SWING_S`.

    A walker's width swings with each step; people who push and pull, seen as one silhouette, never keep a shape.
    """
    result = []
    for trail in trails:
        recent = [swing for swing in trail.swings if time_s - swing[0] <= SWING_S]
        used_s = sum(swing[2] for swing in recent)
        result.append(min(4.0, sum(swing[1] for swing in recent) / used_s) if used_s >= 0.4 else 0.0)
    return np.array(result, np.float32)


def find_vehicle_near(
    vehicles: Blobs, trails: list[Trail], people: Blobs, time_s: float
) -> tuple[float, tuple[float, float, float, float] | None]:
    """Give the speed of the fastest vehicle that has somebody within one body height, in bh/s, and its box in cells."""
    best, where = 0.0, None
    for box, trail in zip(vehicles.boxes, trails, strict=True):
        before = trail.back(time_s, 0.45)
        if before is None or not len(people):
            continue
        gap_x = np.maximum(0.0, np.maximum(people.boxes[:, 0] - box[2], box[0] - people.boxes[:, 2]))
        gap_y = np.abs(people.boxes[:, 3] - box[3])
        is_near = (gap_x < people.heights) & (gap_y < 0.5 * people.heights)
        if not is_near.any():
            continue
        now = trail.points[-1]
        ruler = float(np.median(people.heights[is_near])) * (time_s - before[0])
        speed = min(8.0, hypot(now[1] - before[1], now[2] - before[2]) / ruler)
        if speed > best:
            best, where = speed, (float(box[0]), float(box[1]), float(box[2]), float(box[3]))
    return best, where
