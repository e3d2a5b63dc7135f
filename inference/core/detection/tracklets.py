"""What silhouettes do along their trails: speed, going down, moving together, vehicles near them."""

from operator import itemgetter

import numpy as np

from inference.core.detection.motion import Motion
from inference.core.detection.quantile import quantile
from inference.core.detection.silhouettes import Blobs, Floats, Trail

FAST_SPEED = 1.4
"""Body heights per second; walking is about 0.8, running above 1.6."""
STILL_SPEED = 0.15
WIDENED = 1.15
CHURN_S, CHURN_STEP_S = 1.6, 0.15


def measure_speeds(trails: list[Trail], motion: Motion, time_s: float) -> Floats:
    """Speed of each silhouette: displacement over half a second, or flow where the silhouette has merged or split."""
    speeds = np.linalg.norm(motion.velocities, axis=1).astype(np.float32)
    for index, trail in enumerate(trails):
        now, before = trail.points[-1], trail.back(time_s, 0.45)
        if before is None or not 0.6 < now[5] / before[5] < 1.6 or not 0.75 < now[4] / before[4] < 1.33:
            continue
        ruler = (time_s - before[0]) * 0.5 * (now[4] + before[4])
        speeds[index] = min(6.0, float(np.hypot(now[1] - before[1], now[2] - before[2])) / ruler)
    return np.asarray(speeds, np.float32)


def measure_falls(blobs: Blobs, trails: list[Trail], speeds: Floats, time_s: float) -> tuple[Floats, Floats, Floats]:
    """Give, for each silhouette, evidence of lying (0-1), loss of height in 2 s (0-1) and seconds down."""
    count = len(blobs)
    aspects, drops, down_s = blobs.aspects, np.zeros(count, np.float32), np.zeros(count, np.float32)
    slow = np.clip(1.0 - speeds / 0.6, 0.0, 1.0)
    lying = np.clip((aspects - 0.8) / 0.7, 0.0, 1.0) * slow
    for index, trail in enumerate(trails):
        now = trail.points[-1]
        tallest = max(trail.points, key=itemgetter(4))
        drop = 1.0 - now[4] / tallest[4]
        areas = sorted(point[5] for point in trail.points)
        is_one_body = now[5] < 1.7 * areas[len(areas) // 2]
        was_upright = tallest[3] < 0.9 * tallest[4]
        # Who falls gets wider and stays on the ground; who is half hidden by something gets shorter and no wider.
        has_sunk = now[3] > WIDENED * tallest[3] and now[6] > tallest[6] - 0.35 * tallest[4]
        if time_s - trail.born_s > 0.8 and was_upright and is_one_body and has_sunk:
            drops[index] = max(0.0, drop) * min(1.0, float(aspects[index]))
        if drops[index] > 0.35 and aspects[index] > 0.8 and trail.down_since_s is None:
            trail.down_since_s = time_s
        elif trail.down_since_s is not None and aspects[index] < 0.65:
            trail.down_since_s = None
        if trail.down_since_s is not None:
            down_s[index] = time_s - trail.down_since_s
            lying[index] = max(lying[index], float(slow[index]) * min(1.0, down_s[index] / 1.5))
        else:
            lying[index] *= 0.5  # low and wide without having been seen upright: a bench, a pram, a cut-off body
    return lying.astype(np.float32), drops, down_s


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


def measure_shape_change(trails: list[Trail], time_s: float) -> float:
    """Give the fastest change of width by height, 1/s; silhouettes that merge or split do not count."""
    top = 0.0
    for trail in trails:
        now, before = trail.points[-1], trail.back(time_s, 0.35)
        if before is not None and 0.6 < now[5] / before[5] < 1.6:
            top = max(top, abs(now[3] / now[4] - before[3] / before[4]) / (time_s - before[0]))
    return min(4.0, top)


def measure_churn(trails: list[Trail], time_s: float) -> Floats:
    """Give how fast each silhouette's width and height go up and down, bh/s, over `CHURN_S`.

    A walker's width swings with each step; people who push and pull, seen as one silhouette, never keep a shape. Sizes
    that jump are silhouettes that merged or split, and a step of half a cell is the grid: neither counts.
    """
    result = np.zeros(len(trails), np.float32)
    for index, trail in enumerate(trails):
        total, last, used_s = 0.0, trail.points[-1], 0.0
        for point in reversed(trail.points):
            if last[0] - point[0] < CHURN_STEP_S:
                continue
            if time_s - point[0] > CHURN_S:
                break
            if 0.6 < last[5] / point[5] < 1.67:
                change = max(0.0, abs(last[3] - point[3]) - 0.5) + max(0.0, abs(last[4] - point[4]) - 0.5)
                total, used_s = total + change / max(point[4], last[4]), used_s + last[0] - point[0]
            last = point
        if used_s >= 0.4:
            result[index] = min(4.0, total / used_s)
    return result


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
        speed = min(8.0, float(np.hypot(now[1] - before[1], now[2] - before[2])) / ruler)
        if speed > best:
            best, where = speed, (float(box[0]), float(box[1]), float(box[2]), float(box[3]))
    return best, where
