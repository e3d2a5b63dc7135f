"""Cars, vans, buses and bicycles on the road of a scene."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from inference.training.simulation.camera import Array
from inference.training.simulation.people import Person, random_height, random_looks
from inference.training.simulation.poses import Activity
from inference.training.simulation.site import ROAD_M, Site
from inference.training.simulation.solids import Canvas

PAINTS = np.array(
    [
        [40, 42, 46],
        [190, 192, 196],
        [232, 232, 228],
        [130, 24, 28],
        [30, 58, 110],
        [96, 100, 104],
        [52, 70, 58],
        [180, 130, 40],
    ]
).astype(np.float64)
GLASS = np.array([44.0, 54, 64])
TYRE = np.array([26.0, 26, 28])
SHAPES: dict[str, tuple[float, float, tuple[tuple[float, float], ...], tuple[tuple[float, float], ...]]] = {
    "car": (
        4.3,
        1.78,
        ((-2.1, 0.3), (2.1, 0.3), (2.15, 0.72), (1.15, 0.92), (0.45, 1.44), (-1.2, 1.46), (-1.9, 0.98), (-2.15, 0.85)),
        ((-1.55, 0.95), (0.95, 0.93), (0.42, 1.36), (-1.15, 1.38)),
    ),
    "van": (
        5.2,
        2.0,
        ((-2.6, 0.35), (2.6, 0.35), (2.6, 0.95), (1.95, 1.2), (1.35, 2.1), (-2.55, 2.15)),
        ((0.35, 1.2), (1.8, 1.2), (1.25, 1.95), (0.35, 1.95)),
    ),
    "bus": (
        11.0,
        2.5,
        ((-5.5, 0.35), (5.5, 0.35), (5.5, 2.9), (-5.5, 3.0)),
        ((-5.2, 1.2), (5.3, 1.2), (5.3, 2.4), (-5.2, 2.4)),
    ),
}
"""Length, width, side profile and side windows, metres."""


@dataclass(slots=True)
class Vehicle:
    """Something on wheels that moves along x.

    Attributes:
        direction: 1 to the right, -1 to the left.
        rider: who sits on it, for a bicycle.
    """

    kind: str
    x: float
    y: float
    direction: int
    speed: float
    paint: Array
    rider: Person | None = None

    def draw(self, canvas: Canvas, has_lights: bool) -> None:
        """Draw it; the class map gets the canvas' value (0 for a bicycle: it has no plate)."""
        if self.kind == "bicycle":
            self._draw_bicycle(canvas)
            return
        length, width, outline, windows = SHAPES[self.kind]
        along, across = np.array([float(self.direction), 0, 0]), np.array([0.0, -1.0, 0])
        up, origin = np.array([0, 0, 1.0]), np.array([self.x, self.y, 0.0])
        profile = np.array(outline) if self.direction > 0 else np.array(outline)[::-1]
        if self.direction > 0:
            canvas.extrude(profile, origin, along, across, width, self.paint)
        else:
            canvas.extrude(profile * (-1, 1), origin, -along, across, width, self.paint)
        side = origin + 0.5 * width * across
        for wheel in (-0.31 * length, 0.31 * length):
            turn = np.linspace(0, 2 * np.pi, 14, endpoint=False)
            for radius, colour in ((0.34, TYRE), (0.2, np.array([150.0, 152, 155]))):
                ring = (wheel + radius * np.cos(turn))[:, None] * along + (0.34 + radius * np.sin(turn))[:, None] * up
                canvas.polygon(side + ring, colour)
        glass = np.array(windows)
        canvas.polygon(side + glass[:, :1] * along + glass[:, 1:] * up, GLASS)
        if self.kind == "bus":
            for post in np.arange(-4.0, 5.0, 1.6):
                frame = np.array([[post, 1.2], [post + 0.12, 1.2], [post + 0.12, 2.4], [post, 2.4]])
                canvas.polygon(side + frame[:, :1] * along + frame[:, 1:] * up, self.paint * 0.9)
        if has_lights:
            for end, colour in ((0.485, np.array([255.0, 248, 220])), (-0.485, np.array([230.0, 40, 30]))):
                canvas.ball(side + end * length * along + 0.68 * up, 0.14, colour, glow=True)

    def _draw_bicycle(self, canvas: Canvas) -> None:
        along, up = np.array([float(self.direction), 0, 0]), np.array([0, 0, 1.0])
        origin = np.array([self.x, self.y, 0.0])
        turn = np.linspace(0, 2 * np.pi, 15)
        for wheel in (-0.52, 0.52):
            ring = origin + (wheel + 0.34 * np.cos(turn))[:, None] * along + (0.34 + 0.34 * np.sin(turn))[:, None] * up
            for start, end in pairwise(ring):
                canvas.pole(start, end, 0.02, TYRE)
        bars = (
            ((-0.52, 0.34), (0.0, 0.3)),
            ((0.0, 0.3), (0.4, 0.85)),
            ((-0.15, 0.9), (0.0, 0.3)),
            ((0.52, 0.34), (0.38, 1.0)),
        )
        for (x0, z0), (x1, z1) in bars:
            canvas.pole(origin + x0 * along + z0 * up, origin + x1 * along + z1 * up, 0.025, self.paint)

    def footprint(self) -> Array:
        """Corners `(4, 2)` on the ground."""
        length, width = (1.8, 0.5) if self.kind == "bicycle" else SHAPES[self.kind][:2]
        corners = np.array([[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]]) * (length, width)
        result: Array = corners + np.array((self.x, self.y))
        return result


class Traffic:
    """Lets vehicles pass on the road, if the place has one."""

    def __init__(self, rng: np.random.Generator, site: Site, frame_s: float, is_on: bool) -> None:
        self.rng, self.frame_s = rng, frame_s
        self.road = site.road if is_on else None
        self.passing: list[Vehicle] = []
        self._next_rider = 100_000
        if self.road and rng.random() < 0.7:
            self._enter(float(rng.uniform(-10, 10)))

    def _enter(self, x: float | None = None) -> None:
        if self.road is None:
            return
        rng = self.rng
        direction = 1 if rng.random() < 0.5 else -1
        lane = self.road[0] + ROAD_M * (0.3 if direction > 0 else 0.6)
        start = -34.0 * direction if x is None else x
        if any(abs(one.x - start) < 12 and one.direction == direction for one in self.passing):
            return
        kind = str(rng.choice(np.array(["car", "van", "bus", "bicycle"]), p=[0.55, 0.13, 0.07, 0.25]))
        paint = PAINTS[rng.integers(len(PAINTS))]
        speed = float(rng.uniform(3.5, 6.0) if kind == "bicycle" else rng.uniform(5.0, 9.0))
        vehicle = Vehicle(kind, start, lane, direction, speed, paint)
        if kind == "bicycle":
            vehicle.y = self.road[0] + 0.7
            self._next_rider += 1
            here = np.array([start, vehicle.y])
            vehicle.rider = Person(
                self._next_rider,
                max(1.5, random_height(rng)),
                random_looks(rng),
                rng.random(4),
                speed,
                here,
                here,
                0.0 if direction > 0 else np.pi,
                activity=Activity.CYCLE,
                speed=speed,
            )
        self.passing.append(vehicle)

    def step(self) -> list[Person]:
        """Move on by one frame; gives the riders, who are people like all others."""
        if self.road and self.rng.random() < self.frame_s / 7.0:
            self._enter()
        for vehicle in self.passing:
            ahead = [
                (one.x - vehicle.x) * vehicle.direction
                for one in self.passing
                if one is not vehicle
                and one.direction == vehicle.direction
                and "bicycle" not in (one.kind, vehicle.kind)
            ]
            gap = min([distance for distance in ahead if distance > 0], default=99.0)
            vehicle.x += vehicle.direction * min(vehicle.speed, max(0.0, gap - 10.0)) * self.frame_s
            if vehicle.rider:
                vehicle.rider.position = np.array([vehicle.x - 0.12 * vehicle.direction, vehicle.y])
                vehicle.rider.phase += 2 * np.pi * 1.1 * self.frame_s
        self.passing = [vehicle for vehicle in self.passing if abs(vehicle.x) < 36.0]
        return [vehicle.rider for vehicle in self.passing if vehicle.rider]
