"""The place: where one can walk, where vehicles drive, which walls and street furniture stand around."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import shapely

from inference.training.simulation.camera import Array, Camera

Ground = Literal["paving", "asphalt", "cobbles", "concrete"]
PropKind = Literal["lamp", "tree", "bench", "bin", "bollard", "display", "planter", "parked"]
ROAD_M = 6.6
FURTHEST_M = 34.0
FOOTPRINT_M: dict[PropKind, tuple[float, float]] = {
    "lamp": (0.3, 0.3),
    "tree": (0.7, 0.7),
    "bench": (1.8, 0.6),
    "bin": (0.6, 0.6),
    "bollard": (0.3, 0.3),
    "display": (1.3, 0.5),
    "planter": (1.6, 1.0),
    "parked": (4.4, 1.9),
}
"""Sides along x and y, which nobody walks through."""


@dataclass(frozen=True, slots=True)
class Prop:
    """A fixed object; `is_turned` means that its front looks away from the camera."""

    kind: PropKind
    x: float
    y: float
    size: float
    is_turned: bool
    seed: int


@dataclass(frozen=True)
class Site:
    """Geometry of one scene, metres.

    Attributes:
        walkable: polygon for pedestrians, furniture cut out.
        entries: `(K, 2)` places where people come and go, out of view or far away.
        facade_y: where the far building stands.
        left_x, right_x: side walls, or None.
        road: nearer and farther edge of a road along x, or None.
        ground: surface of the square.
        props: fixed objects.
    """

    walkable: shapely.Polygon
    entries: Array
    facade_y: float
    left_x: float | None
    right_x: float | None
    road: tuple[float, float] | None
    ground: Ground
    props: tuple[Prop, ...]


def _footprint(camera: Camera) -> shapely.Polygon:
    """The visible ground, somewhat widened so that people enter from outside the picture."""
    w, h = camera.width, camera.height
    corners = np.array([[-0.12 * w, 1.25 * h], [1.12 * w, 1.25 * h], [1.12 * w, 0.0], [-0.12 * w, 0.0]], np.float64)
    ground = camera.ground(corners, FURTHEST_M)
    forward = camera.axes[2, :2] / np.linalg.norm(camera.axes[2, :2])
    behind = (ground[:2] @ forward) < 0.6  # a steep camera sees its own foot: pull those corners in front of it
    ground[:2][behind] += forward * (0.6 - ground[:2] @ forward)[behind, None]
    return shapely.convex_hull(shapely.MultiPoint(ground))


def _entries(walkable: shapely.Polygon, camera: Camera) -> Array:
    room = walkable.buffer(-0.5)
    if room.geom_type != "Polygon":
        room = max(room.geoms, key=lambda part: part.area)
    line = room.exterior
    points = np.array([line.interpolate(at).coords[0] for at in np.arange(0.0, line.length, 0.8)])
    is_hidden = ~camera.sees(points, 0.0)
    distance = np.linalg.norm(points, axis=1)
    is_far = distance > np.quantile(distance, 0.8)
    chosen = points[is_hidden | is_far]
    return chosen if len(chosen) >= 4 else points


def _place_props(rng: np.random.Generator, room: shapely.Polygon, road: tuple[float, float] | None) -> list[Prop]:
    kinds: list[PropKind] = ["lamp", "lamp", "lamp", "tree", "tree", "bench", "bench", "bin", "bollard", "bollard"]
    more: list[tuple[PropKind, int]] = [("display", int(rng.random() < 0.35)), ("planter", int(rng.random() < 0.5))]
    more += [("tree", int(rng.integers(0, 3))), ("bench", int(rng.integers(0, 2)))]
    for kind, count in more:
        kinds += [kind] * count
    placed: list[Prop] = []
    low_x, low_y, high_x, high_y = room.bounds
    for kind in kinds:
        for _ in range(12):
            x, y = float(rng.uniform(low_x, high_x)), float(rng.uniform(low_y, high_y))
            nearest_m = 9.0 if kind == "tree" else 5.0  # a crown before the lens would hide the place
            is_clear = np.hypot(x, y) > nearest_m and all(np.hypot(x - p.x, y - p.y) > 2.6 for p in placed)
            if is_clear and room.buffer(-1.2).contains(shapely.Point(x, y)):
                size = float(rng.uniform(0.85, 1.2))
                placed.append(Prop(kind, x, y, size, bool(rng.random() < 0.3), int(rng.integers(1 << 30))))
                break
    if road and rng.random() < 0.6:
        placed.extend(
            Prop("parked", float(slot), road[1] - 1.1, 1.0, False, int(rng.integers(1 << 30)))
            for slot in np.arange(rng.uniform(-22, -16), 22, 5.6)
            if rng.random() < 0.55
        )
    return placed


def build_site(rng: np.random.Generator, camera: Camera) -> Site:
    """Lay out a place around what the camera sees."""
    visible = _footprint(camera)
    reach = min(visible.bounds[3], FURTHEST_M)
    square_far = float(rng.uniform(0.62, 0.95) * reach)
    has_road = rng.random() < 0.62
    road = (square_far, square_far + ROAD_M) if has_road else None
    facade = square_far + (ROAD_M + float(rng.uniform(1.5, 3.5)) if has_road else 0.4)
    low_x, _, high_x, _ = visible.bounds
    left = float(rng.uniform(max(low_x, -14.0), -4.5)) if rng.random() < 0.35 and low_x < -4.6 else None
    right = float(rng.uniform(4.5, min(high_x, 14.0))) if rng.random() < 0.35 and high_x > 4.6 else None
    square = shapely.box(-40.0 if left is None else left + 0.3, 0.4, 40.0 if right is None else right - 0.3, square_far)
    room = visible.intersection(square)
    props = _place_props(rng, room, road)
    walkable = room
    for prop in props:
        if prop.kind != "parked":
            sides = FOOTPRINT_M[prop.kind]
            walkable = walkable.difference(
                shapely.box(prop.x - sides[0] / 2, prop.y - sides[1] / 2, prop.x + sides[0] / 2, prop.y + sides[1] / 2)
            )
    if walkable.geom_type != "Polygon":  # furniture has cut corners off
        walkable = max(walkable.geoms, key=lambda part: part.area)
    ground: Ground = rng.choice(np.array(["paving", "asphalt", "cobbles", "concrete"]), p=[0.45, 0.2, 0.2, 0.15])
    return Site(walkable, _entries(room, camera), facade, left, right, road, str(ground), tuple(props))  # type: ignore[arg-type]
