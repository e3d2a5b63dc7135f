"""Short clips of masks: a camera, a few people of `behaviours` and `struggles`, a masker with its errors."""

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from inference.core.frames import PERSON
from inference.training.detection.behaviours import ORDINARY, STEP_S, USUAL_WEIGHTS, Array, Track, stay, stroll, wander
from inference.training.detection.corrupt import MaskErrors
from inference.training.detection.struggles import STRUGGLE_WEIGHTS, STRUGGLES
from inference.training.simulation.camera import Camera
from inference.training.simulation.config import CameraSetup
from inference.training.simulation.figures import draw_silhouette, pose_figures
from inference.training.simulation.people import Person, random_looks
from inference.training.simulation.poses import (
    ANGLES,
    ARM_L,
    ARM_R,
    ELBOW_L,
    ELBOW_R,
    HIP_L,
    HIP_R,
    KNEE_L,
    KNEE_R,
    LEAN,
    OPEN_L,
    OPEN_R,
    SETTLE_S,
    Activity,
    stride_length_m,
    wanted_poses,
)

Grid = npt.NDArray[np.uint8]
GRID = (90, 160)
PACE = (-0.6, 0.45)
"""Logarithms between which the seconds of a clip are stretched: exported recordings often play faster or slower than
life, so speed alone must not decide."""
RESTLESS_JOINTS = [HIP_L, HIP_R, KNEE_L, KNEE_R, ARM_L, ARM_R, OPEN_L, OPEN_R, ELBOW_L, ELBOW_R, LEAN]


@dataclass(frozen=True, slots=True)
class ClipPlan:
    """One clip.

    Attributes:
        seed: everything random follows from it.
        name: behaviour, a key of `ORDINARY` or `STRUGGLES`.
        is_event: whether it is unusual.
        duration_s: length.
    """

    seed: int
    name: str
    is_event: bool
    duration_s: float = 3.2


def draw_plan(seed: int) -> ClipPlan:
    """Draw the behaviour of one seed; half of all clips are unusual."""
    chance = np.random.default_rng([seed, 81])
    is_event = bool(chance.random() < 0.5)
    names = list(STRUGGLES if is_event else ORDINARY)
    given = STRUGGLE_WEIGHTS if is_event else USUAL_WEIGHTS
    weights = np.array([given.get(name, 1.0) for name in names])
    name = names[int(chance.choice(len(names), p=weights / weights.sum()))]
    return ClipPlan(seed, name, is_event)


def render_clip(plan: ClipPlan) -> Iterator[tuple[Grid, float]]:
    """Give (class map `uint8 (90, 160)`, seconds) of each frame, as a faulty masker would have seen it."""
    chance = np.random.default_rng([plan.seed, 82])
    steps = int(plan.duration_s / STEP_S) + 1
    camera, middle = _draw_camera(chance)
    group = (STRUGGLES if plan.is_event else ORDINARY)[plan.name](chance, steps)
    tracks = [*group, *_others(chance, steps)]
    crew = _Crew(tracks, middle, chance)
    errors, patches = MaskErrors(chance, GRID), Patches(chance)
    stride = int(chance.choice([1, 1, 1, 2]))
    pace = float(np.exp(chance.uniform(*PACE)))
    for index in range(steps):
        people = crew.at(index)
        if index % stride:
            continue
        figures = pose_figures(people, camera, has_lit_side=False)
        exact = np.zeros(GRID, np.uint8)
        for number in np.argsort(-figures.depth):
            draw_silhouette(figures, int(number), people[int(number)], exact)
        ids = np.arange(len(people), dtype=np.int64)
        seen = errors.apply(exact, ids, figures.boxes, STEP_S * stride)
        yield patches.apply(seen), index * STEP_S * pace


def _draw_camera(chance: np.random.Generator) -> tuple[Camera, Array]:
    """Give a camera near enough to see bodies, and the ground point the group is around."""
    for _ in range(40):
        setup = CameraSetup(
            float(chance.uniform(2.2, 6.5)), float(chance.uniform(8.0, 48.0)), float(chance.uniform(40.0, 90.0))
        )
        camera = Camera.from_setup(setup, GRID[1], GRID[0])
        pixel = np.array([chance.uniform(0.25, 0.75) * GRID[1], chance.uniform(0.5, 0.95) * GRID[0]])
        place = camera.ground(pixel)
        away = float(np.hypot(np.hypot(*place), setup.height_m))
        if 12.0 <= camera.focal_px / away * 1.7 <= 70.0:
            return camera, place
    return camera, place


def _others(chance: np.random.Generator, steps: int) -> list[Track]:
    """People who have nothing to do with it, a few metres off, in both kinds of clips."""
    result = []
    for _ in range(int(chance.choice([0, 0, 1, 2, 3]))):
        turn, far = float(chance.uniform(0, 6.28)), float(chance.uniform(1.5, 5.0))
        place = far * np.array([np.cos(turn), np.sin(turn)])
        if chance.random() < 0.5:
            result.append(stroll(chance, steps, float(chance.uniform(0.7, 1.7)), place, float(chance.uniform(0, 6.28))))
        else:
            result.append(stay(chance, steps, place, Activity.LOOK, np.zeros(2)))
    return result


class _Crew:
    """The bodies of a clip: tracks become held bodies, step by step."""

    def __init__(self, tracks: list[Track], middle: Array, chance: np.random.Generator) -> None:
        self._tracks, self._middle = tracks, middle
        steps = len(tracks[0].positions)
        self._quirk = chance.random((len(tracks), 4))
        self._restless = [track.restless * wander(chance, steps, 0.25, 1.0, len(RESTLESS_JOINTS)) for track in tracks]
        self._people = [
            Person(
                id=number,
                height=track.height,
                looks=random_looks(chance),
                quirk=self._quirk[number],
                wanted_speed=0.0,
                position=np.zeros(2),
                goal=np.zeros(2),
                heading=0.0,
                phase=float(chance.uniform(0, 6.28)),
                fall_turn=float(chance.choice([0.0, np.pi, 1.57])),
            )
            for number, track in enumerate(tracks)
        ]
        self._is_fresh = True

    def at(self, index: int) -> list[Person]:
        """Give everybody at one step; steps must be asked for in order."""
        speeds = np.zeros(len(self._people))
        for number, (track, person) in enumerate(zip(self._tracks, self._people, strict=True)):
            before, now = track.positions[max(0, index - 1)], track.positions[index]
            velocity = (track.positions[1] - before if index == 0 else now - before) / STEP_S
            speeds[number] = 0.0 if track.glides else float(np.hypot(*velocity))
            person.position = self._middle + now
            facing = float(track.facing[index])
            person.heading = facing if np.isfinite(facing) else float(np.arctan2(velocity[1], velocity[0]))
            person.phase += (
                2
                * np.pi
                * speeds[number]
                / float(stride_length_m(np.array(track.height), speeds[number : number + 1])[0])
                * STEP_S
            )
        activities = np.array([track.activities[index] for track in self._tracks])
        phases = np.array([person.phase for person in self._people])
        wanted = wanted_poses(activities, phases, speeds, index * STEP_S, self._quirk)
        for number, (track, person) in enumerate(zip(self._tracks, self._people, strict=True)):
            target = _held(wanted[number], track, index)
            target[RESTLESS_JOINTS] += self._restless[number][index]
            share = 1.0 if self._is_fresh else 1.0 - float(np.exp(-STEP_S / SETTLE_S[activities[number]]))
            person.pose = person.pose + share * (target - person.pose)
        self._is_fresh = False
        return self._people


def _held(pose: Array, track: Track, index: int) -> Array:
    result = pose.copy()
    if track.kneels:
        result[[HIP_L, HIP_R]], result[[KNEE_L, KNEE_R]] = 0.35, 2.0
    if track.bows:
        result[LEAN] += track.bows * (0.5 - 0.5 * np.cos(2 * np.pi * 0.15 * index * STEP_S))
    if len(result) != ANGLES:
        raise ValueError(f"A pose must have {ANGLES} angles, got {len(result)}.")
    return result


class Patches:
    """Holes and crumbs that a masker leaves in and around large bodies in bad light; they come and go."""

    def __init__(self, chance: np.random.Generator) -> None:
        self._chance = chance
        self._is_on = bool(chance.random() < 0.75)
        self._hole, self._crumb = float(chance.uniform(0.5, 2.2)), float(chance.uniform(1.3, 2.6))
        self._size = int(chance.integers(3, 14))
        self._keep = float(chance.uniform(0.2, 0.9))
        self._grain = float(chance.uniform(0.1, 0.6))
        self._noise = chance.standard_normal((GRID[0] // self._size + 1, GRID[1] // self._size + 1))

    def apply(self, class_map: Grid) -> Grid:
        """Give the map with holes where the noise is high and crumbs where it is low near bodies."""
        if not self._is_on:
            return class_map
        fresh = self._chance.standard_normal(self._noise.shape)
        self._noise = self._keep * self._noise + np.sqrt(1.0 - self._keep**2) * fresh
        noise = cv2.resize(self._noise, (GRID[1], GRID[0]), interpolation=cv2.INTER_LINEAR)
        noise = noise + self._grain * self._chance.standard_normal(noise.shape)
        near = cv2.dilate(class_map, np.ones((9, 9), np.uint8))
        result = class_map.copy()
        result[(noise > self._hole) & (class_map == PERSON)] = 0
        result[(noise < -self._crumb) & (near == PERSON)] = PERSON
        return result
