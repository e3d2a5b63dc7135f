"""What a handful of people do for a few seconds: where each is, how held and which way turned, at every step.

Much cheaper than a whole scene: no crowd model, no site, no picture. Many short clips of people large in view teach
what a few long scenes of crowded places cannot. Positions are metres around the middle of the group.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from inference.training.simulation.poses import Activity

Array = npt.NDArray[np.float64]
STEP_S = 0.08


@dataclass(frozen=True, slots=True)
class Track:
    """One person through T steps of `STEP_S`.

    Attributes:
        positions: `(T, 2)` metres.
        activities: `int64 (T,)` of `Activity`.
        facing: `(T,)` heading in radians; NaN where it follows the movement.
        restless: strength of irregular movement of the limbs, radians.
        height: metres.
        kneels: whether the legs are folded under.
        bows: slow bowing from the hips, radians.
        glides: moves without steps, as a wheelchair does.
    """

    positions: Array = field(repr=False)
    activities: npt.NDArray[np.int64] = field(repr=False)
    facing: Array = field(repr=False)
    restless: float = 0.03
    height: float = 1.72
    kneels: bool = False
    bows: float = 0.0
    glides: bool = False


def wander(chance: np.random.Generator, steps: int, memory_s: float, spread: float, size: int = 2) -> Array:
    """Give `(steps, size)` noise of standard deviation `spread` with a memory of `memory_s` (Ornstein-Uhlenbeck)."""
    keep = float(np.exp(-STEP_S / memory_s))
    fresh = chance.standard_normal((steps, size)) * spread * np.sqrt(1.0 - keep**2)
    result = np.empty((steps, size))
    result[0] = chance.standard_normal(size) * spread
    for index in range(1, steps):
        result[index] = keep * result[index - 1] + fresh[index]
    return result


def _toward(positions: Array, target: Array) -> Array:
    away = target - positions
    result: Array = np.arctan2(away[:, 1], away[:, 0])
    return result


def _same(steps: int, activity: Activity) -> npt.NDArray[np.int64]:
    return np.full(steps, int(activity), np.int64)


def _height(chance: np.random.Generator) -> float:
    return float(np.clip(chance.normal(1.72, 0.1), 1.5, 1.95))


def stroll(chance: np.random.Generator, steps: int, speed: float, start: Array, heading: float) -> Track:
    """One person walks or runs through, at `speed` in metres per second, around `start` half-way."""
    heading_now = heading + np.cumsum(wander(chance, steps, 1.0, 0.25, 1)[:, 0]) * STEP_S
    pace = speed * (1.0 + wander(chance, steps, 1.5, 0.08, 1))
    path = np.cumsum(pace * np.stack([np.cos(heading_now), np.sin(heading_now)], 1) * STEP_S, axis=0)
    positions = start + path - path[steps // 2]
    return Track(positions, _same(steps, Activity.WALK), np.full(steps, np.nan), height=_height(chance))


def stay(chance: np.random.Generator, steps: int, place: Array, activity: Activity, target: Array) -> Track:
    """One person stays at `place`, turned to `target`, shifting a little."""
    positions = place + wander(chance, steps, 1.5, 0.04)
    facing = _toward(positions, target) + wander(chance, steps, 1.5, 0.15, 1)[:, 0]
    restless = float(chance.uniform(0.01, 0.1))
    return Track(positions, _same(steps, activity), facing, restless=restless, height=_height(chance))


def _ring(chance: np.random.Generator, count: int, radius: float) -> Array:
    turn = 2 * np.pi * (np.arange(count) / count + chance.random())
    result: Array = radius * np.stack([np.cos(turn), np.sin(turn)], 1) + chance.normal(0, 0.08, (count, 2))
    return result


def walking(chance: np.random.Generator, steps: int) -> list[Track]:
    """People walk past, alone or two or three together."""
    heading, speed = float(chance.uniform(0, 2 * np.pi)), float(np.clip(chance.normal(1.3, 0.25), 0.6, 2.0))
    count = int(chance.choice([1, 1, 2, 3]))
    starts = np.arange(count)[:, None] * 0.65 * np.array([-np.sin(heading), np.cos(heading)])
    return [stroll(chance, steps, speed, start + chance.normal(0, 0.1, 2), heading) for start in starts]


def passing(chance: np.random.Generator, steps: int) -> list[Track]:
    """Two to five people cross each other's way."""
    return [
        stroll(chance, steps, float(chance.uniform(0.8, 1.7)), chance.normal(0, 1.2, 2), float(chance.uniform(0, 6.28)))
        for _ in range(int(chance.integers(2, 6)))
    ]


def standing(chance: np.random.Generator, steps: int) -> list[Track]:
    """People stand about, some with a telephone."""
    kinds = (Activity.STAND, Activity.PHONE, Activity.LOOK)
    return [
        stay(chance, steps, place, kinds[int(chance.integers(3))], chance.normal(0, 2, 2))
        for place in chance.normal(0, 1.0, (int(chance.integers(1, 5)), 2))
    ]


def talking(chance: np.random.Generator, steps: int) -> list[Track]:
    """A group talks, with gestures."""
    ring = _ring(chance, int(chance.integers(2, 6)), float(chance.uniform(0.5, 0.9)))
    return [stay(chance, steps, place, Activity.TALK, np.zeros(2)) for place in ring]


def embracing(chance: np.random.Generator, steps: int) -> list[Track]:
    """Two hold each other, swaying."""
    sway = wander(chance, steps, 0.8, 0.05)
    result = []
    for place in _ring(chance, 2, 0.18):
        track = stay(chance, steps, place, Activity.PHONE, np.zeros(2))
        result.append(Track(track.positions + sway, track.activities, track.facing, 0.1, track.height))
    return result


def holding_hands(chance: np.random.Generator, steps: int) -> list[Track]:
    """Two walk side by side, close."""
    heading, speed = float(chance.uniform(0, 6.28)), float(chance.uniform(0.7, 1.3))
    first = stroll(chance, steps, speed, np.zeros(2), heading)
    beside = 0.5 * np.array([-np.sin(heading), np.cos(heading)]) + wander(chance, steps, 1.0, 0.03)
    return [first, Track(first.positions + beside, first.activities, first.facing, height=_height(chance))]


def praying(chance: np.random.Generator, steps: int) -> list[Track]:
    """People kneel in a row and bow slowly."""
    result = []
    for number in range(int(chance.integers(1, 5))):
        track = stay(chance, steps, np.array([0.8 * number, 0.0]), Activity.STAND, np.array([0.8 * number, 20.0]))
        bows = float(chance.uniform(0.0, 0.9))
        result.append(Track(track.positions, track.activities, track.facing, 0.02, track.height, True, bows))
    return result


def assembly(chance: np.random.Generator, steps: int) -> list[Track]:
    """Many stand together, or walk the same way together."""
    places = chance.uniform(-2.2, 2.2, (int(chance.integers(6, 14)), 2))
    if chance.random() < 0.5:
        return [stay(chance, steps, place, Activity.STAND, np.array([0.0, 8.0])) for place in places]
    heading, speed = float(chance.uniform(0, 6.28)), float(chance.uniform(0.5, 1.1))
    return [stroll(chance, steps, speed, place, heading) for place in places]


def sitting(chance: np.random.Generator, steps: int) -> list[Track]:
    """People sit on a bench."""
    count = int(chance.integers(1, 4))
    return [
        stay(chance, steps, np.array([0.7 * number, 0.0]), Activity.SIT, np.array([0.7 * number, -9.0]))
        for number in range(count)
    ]


def sleeping(chance: np.random.Generator, steps: int) -> list[Track]:
    """Somebody lies, still, all the time."""
    return [stay(chance, steps, np.zeros(2), Activity.DOWN, chance.normal(0, 3, 2))]


def playing(chance: np.random.Generator, steps: int) -> list[Track]:
    """Children run about, each their own way."""
    result = []
    for _ in range(int(chance.integers(2, 5))):
        velocity = wander(chance, steps, 0.9, float(chance.uniform(0.8, 1.5)))
        path = np.cumsum(velocity * STEP_S, axis=0)
        positions = chance.normal(0, 1.5, 2) + path - path.mean(axis=0)
        height = float(chance.uniform(1.05, 1.4))
        result.append(Track(positions, _same(steps, Activity.WALK), np.full(steps, np.nan), 0.08, height))
    return result


def dancing(chance: np.random.Generator, steps: int) -> list[Track]:
    """People dance on their spot, in rhythm, arms and all."""
    beat, times = float(chance.uniform(0.8, 1.6)), np.arange(steps) * STEP_S
    result = []
    for place in _ring(chance, int(chance.integers(1, 5)), 0.9):
        swing = 0.12 * np.sin(2 * np.pi * beat * times + chance.uniform(0, 6.28))
        track = stay(chance, steps, place, Activity.TALK, np.zeros(2))
        moved = track.positions + swing[:, None] * np.array([1.0, 0.3])
        result.append(Track(moved, track.activities, track.facing, float(chance.uniform(0.1, 0.3)), track.height))
    return result


def wheelchair(chance: np.random.Generator, steps: int) -> list[Track]:
    """Somebody rolls along, seated; sometimes somebody walks behind."""
    heading, speed = float(chance.uniform(0, 6.28)), float(chance.uniform(0.6, 1.5))
    path = stroll(chance, steps, speed, np.zeros(2), heading)
    seated = Track(path.positions, _same(steps, Activity.SIT), path.facing, 0.08, path.height, glides=True)
    behind = -0.7 * np.array([np.cos(heading), np.sin(heading)])
    helper = Track(path.positions + behind, path.activities, path.facing, height=_height(chance))
    return [seated, helper] if chance.random() < 0.5 else [seated]


def jogging(chance: np.random.Generator, steps: int) -> list[Track]:
    """One or two run through at a steady pace."""
    heading, speed = float(chance.uniform(0, 6.28)), float(chance.uniform(2.2, 3.6))
    return [
        stroll(chance, steps, speed, 0.8 * number * np.ones(2), heading) for number in range(int(chance.integers(1, 3)))
    ]


def queueing(chance: np.random.Generator, steps: int) -> list[Track]:
    """A dense, calm queue."""
    turn = float(chance.uniform(0, 6.28))
    along = np.array([np.cos(turn), np.sin(turn)])
    return [
        stay(chance, steps, 0.55 * number * along + chance.normal(0, 0.1, 2), Activity.STAND, 20.0 * along)
        for number in range(int(chance.integers(5, 12)))
    ]


ORDINARY: dict[str, Callable[[np.random.Generator, int], list[Track]]] = {
    "walking": walking,
    "passing": passing,
    "standing": standing,
    "talking": talking,
    "embracing": embracing,
    "holding hands": holding_hands,
    "praying": praying,
    "peaceful assembly": assembly,
    "sitting": sitting,
    "sleeping on a bench": sleeping,
    "children playing": playing,
    "dancing": dancing,
    "wheelchair": wheelchair,
    "jogging": jogging,
    "dense calm queue": queueing,
}
USUAL_WEIGHTS = {
    "walking": 5.0,
    "passing": 5.0,
    "standing": 3.0,
    "talking": 3.0,
    "peaceful assembly": 4.0,
    "dancing": 2.0,
    "children playing": 2.0,
    "dense calm queue": 2.0,
}
"""How often a behaviour is drawn, beside 1: what streets are full of comes most, then what is easily mistaken."""
