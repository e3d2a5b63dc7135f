"""The unusual side of short clips: people who strike, shove, grapple, drag, kick somebody down, or run after one."""

import numpy as np

from inference.training.detection.behaviours import STEP_S, Array, Track, stay, stroll, wander
from inference.training.simulation.poses import Activity


def _activities(chance: np.random.Generator, steps: int, share: float) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Strike in bursts: `share` of the time on average, else step about."""
    urge = wander(chance, steps, 0.4, 1.0, 1)[:, 0]
    limit = float(np.quantile(urge, 1.0 - share))
    return np.where(urge >= limit, int(Activity.FIGHT), int(Activity.WALK)).astype(np.int64)


def brawl(chance: np.random.Generator, steps: int) -> list[Track]:
    """Two to five close together push each other about: the whole knot moves, each in it jerks."""
    count = int(chance.choice([2, 2, 2, 3, 3, 4, 5]))
    force = float(np.exp(chance.uniform(np.log(0.25), np.log(1.2))))
    drift = np.cumsum(wander(chance, steps, 0.7, 0.7 * force) * STEP_S, axis=0)
    drift -= drift.mean(axis=0)
    turn = 2 * np.pi * np.arange(count)[None, :] / count + chance.uniform(0, 6.28)
    turn = turn + np.cumsum(wander(chance, steps, 0.6, 1.2 * force, 1) * STEP_S, axis=0)
    apart = np.clip(0.42 + 0.08 * count + wander(chance, steps, 0.35, 0.2), 0.2, 1.2)[:, :1]
    ring = apart[..., None] * np.stack([np.cos(turn), np.sin(turn)], axis=-1)
    result = []
    for number in range(count):
        jerk = wander(chance, steps, 0.2, 0.12 * force)
        positions = drift + ring[:, number] + jerk
        away = drift - positions
        facing = np.arctan2(away[:, 1], away[:, 0]) + wander(chance, steps, 0.4, 0.4 * force, 1)[:, 0]
        activities = _activities(chance, steps, float(chance.uniform(0.4, 1.0)))
        restless = float(chance.uniform(0.1, 0.4)) * force
        height = float(np.clip(chance.normal(1.74, 0.09), 1.5, 1.95))
        result.append(Track(positions, activities, facing, restless, height))
    if chance.random() < 0.3:
        result[0] = _goes_down(result[0], int(chance.integers(0, max(1, steps - 8))))
    return result


def _goes_down(track: Track, since: int) -> Track:
    activities = track.activities.copy()
    activities[since:] = int(Activity.DOWN)
    positions = track.positions.copy()
    positions[since:] = 0.25 * positions[since:] + 0.75 * positions[since]
    return Track(positions, activities, track.facing, track.restless, track.height)


def kicking(chance: np.random.Generator, steps: int) -> list[Track]:
    """One to three stand around somebody on the ground, striking and kicking."""
    down = stay(chance, steps, np.zeros(2), Activity.DOWN, chance.normal(0, 3, 2))
    force = float(chance.uniform(0.3, 1.1))
    rolled = down.positions + wander(chance, steps, 0.4, 0.1 * force)
    result = [Track(rolled, down.activities, down.facing, 0.3 * force, down.height)]
    for _ in range(int(chance.integers(1, 4))):
        place = chance.normal(0, 0.45, 2) + wander(chance, steps, 0.4, 0.22 * force)
        facing = np.arctan2(-place[:, 1], -place[:, 0])
        activities = _activities(chance, steps, float(chance.uniform(0.5, 1.0)))
        result.append(Track(place, activities, facing, 0.25 * force))
    return result


def rush(chance: np.random.Generator, steps: int) -> list[Track]:
    """One or two run at somebody; from the middle on they are upon each other."""
    result = brawl(chance, steps)
    ahead = np.maximum(0.0, steps * chance.uniform(0.2, 0.5) - np.arange(steps))[:, None] * STEP_S
    for number in range(int(chance.integers(1, 3))):
        track = result[number]
        turn = float(chance.uniform(0, 6.28))
        run = float(chance.uniform(2.2, 4.0)) * np.array([np.cos(turn), np.sin(turn)])
        is_running = ahead[:, 0] > 0
        activities = np.where(is_running, int(Activity.WALK), track.activities).astype(np.int64)
        facing: Array = np.where(is_running, turn + np.pi, track.facing)
        result[number] = Track(track.positions + run * ahead, activities, facing, track.restless, track.height)
    return result


def chase(chance: np.random.Generator, steps: int) -> list[Track]:
    """Two or three run, one behind the other, weaving."""
    speed, heading = float(chance.uniform(3.4, 5.0)), float(chance.uniform(0, 6.28))
    first = stroll(chance, steps, speed, np.zeros(2), heading)
    weave = wander(chance, steps, 0.5, 0.35)
    result = [Track(first.positions + weave, first.activities, first.facing, 0.1, first.height)]
    behind = -np.array([np.cos(heading), np.sin(heading)])
    for number in range(int(chance.integers(1, 3))):
        lag = (1.0 + 0.9 * number) * behind + 0.7 * weave + wander(chance, steps, 0.6, 0.2)
        result.append(Track(first.positions + lag, first.activities, first.facing, 0.1))
    return result


STRUGGLES = {"brawl": brawl, "kicking": kicking, "rush": rush, "chase": chase}
STRUGGLE_WEIGHTS = {"brawl": 6.0, "kicking": 2.0, "rush": 2.0}
