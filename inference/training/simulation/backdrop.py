"""Paints the empty place once per scene, by casting one ray per pixel onto ground and walls, then adds furniture."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from inference.core.frames import SCREEN, VEHICLE
from inference.training.simulation.camera import Camera
from inference.training.simulation.light import Light, vignette
from inference.training.simulation.props import draw_prop
from inference.training.simulation.site import FOOTPRINT_M, Site
from inference.training.simulation.solids import Canvas
from inference.training.simulation.textures import PANE_M, Facade, Map, Noise, ground_colour, road_colour

OVERSAMPLE = 2
GROUND, FRONT, LEFT, RIGHT, SKY = range(5)


@dataclass(frozen=True, slots=True)
class Patch:
    """A fixed object that hides what is behind it.

    Attributes:
        distance: from the camera's foot, metres.
        box: x0, y0, x1, y1 in pixels.
        mask: `bool (y1 - y0, x1 - x0)`.
        is_on_road: whether it stands beyond the square, where vehicles pass.
    """

    distance: float
    box: tuple[int, int, int, int]
    mask: npt.NDArray[np.bool_]
    is_on_road: bool


@dataclass(frozen=True, slots=True)
class Backdrop:
    """The empty place: picture, exact class map, and what stands in front of people."""

    image: npt.NDArray[np.uint8]
    class_map: npt.NDArray[np.uint8]
    patches: tuple[Patch, ...]


@dataclass(frozen=True, slots=True)
class _Hits:
    surface: npt.NDArray[np.int64]
    distance: Map
    x: Map
    y: Map
    z: Map


def _cast(camera: Camera, site: Site, fronts: dict[int, Facade], scale: int) -> _Hits:
    rays = camera.rays(scale).reshape(-1, 3).astype(np.float32)
    height = float(camera.position[2])
    reach = np.full((4, len(rays)), np.inf, np.float32)
    with np.errstate(divide="ignore"):
        reach[GROUND] = np.where(rays[:, 2] < 0, height / -rays[:, 2], np.inf)
        reach[FRONT] = np.where(rays[:, 1] > 1e-4, site.facade_y / rays[:, 1], np.inf)
        if site.left_x is not None:
            reach[LEFT] = np.where(rays[:, 0] < -1e-4, site.left_x / rays[:, 0], np.inf)
        if site.right_x is not None:
            reach[RIGHT] = np.where(rays[:, 0] > 1e-4, site.right_x / rays[:, 0], np.inf)
        if site.road is not None:  # the walls end where the street crosses
            reach[LEFT:][rays[:, 1] * reach[LEFT:] > site.road[0] - 0.2] = np.inf
    surface = reach.argmin(axis=0)
    distance = np.minimum(reach.min(axis=0), 400.0)
    x, y, z = (rays * distance[:, None]).T
    z = z + height
    for wall, facade in fronts.items():
        at = surface == wall
        surface[at & (z > facade.heights(x if wall == FRONT else y))] = SKY
    surface[(reach.min(axis=0) > 300.0)] = SKY
    return _Hits(surface, distance.astype(np.float32), x, y, z)


def _screens(hits: _Hits, rng: np.random.Generator, glow: Map) -> npt.NDArray[np.bool_]:
    """Light one to three screens in the shop windows of the far front, where the place shows that front."""
    is_screen = np.zeros(len(hits.x), bool)
    front = (hits.surface == FRONT) & (hits.z > 0.6) & (hits.z < 2.6)
    if not front.any():
        return is_screen
    panes = np.unique(np.floor(hits.x[front] / PANE_M))
    for pane in rng.choice(panes, size=min(len(panes), int(rng.integers(1, 4))), replace=False):
        left, low = pane * PANE_M + rng.uniform(1.2, 1.5), rng.uniform(0.9, 1.3)
        wide, high = rng.uniform(1.1, 1.7), rng.uniform(0.7, 1.1)
        at = front & (hits.x > left) & (hits.x < left + wide) & (hits.z > low) & (hits.z < low + high)
        is_screen |= at
        u, v = (hits.x[at] - left) / wide, (hits.z[at] - low) / high
        first, second = rng.uniform(60, 255, 3), rng.uniform(20, 220, 3)
        wave = np.sin(u * rng.uniform(3, 12) + v * rng.uniform(2, 9)) > rng.uniform(-0.5, 0.5)
        picture = np.where(wave[:, None], first, second)
        picture = np.where(((v > 0.12) & (v < 0.24))[:, None], (235, 235, 235), picture)
        glow[at] = picture
    return is_screen


def _lay_colours(
    hits: _Hits, site: Site, light: Light, fronts: dict[int, Facade], rng: np.random.Generator
) -> tuple[Map, npt.NDArray[np.bool_]]:
    noise = Noise.draw(rng)
    colour = np.tile(light.sky.astype(np.float32), (len(hits.x), 1))
    glow = np.zeros_like(colour)
    ground = hits.surface == GROUND
    x, y, distance = hits.x[ground], hits.y[ground], hits.distance[ground]
    albedo = ground_colour(site.ground, x, y, distance, noise)
    if site.road is not None:
        on_road = (y > site.road[0] - 0.12) & (y < site.road[1] + 0.12)
        albedo[on_road] = road_colour(x[on_road], y[on_road], site.road, distance[on_road], noise)
    lit = light.at(np.stack([x, y], axis=1).astype(np.float64)).astype(np.float32)
    corner = np.clip(0.72 + 0.28 * (site.facade_y - y) / 0.8, 0.72, 1.0)
    colour[ground] = albedo * lit * corner[:, None]
    lit_share = {"day": 0.05, "dusk": 0.3, "night": 0.42}[light.kind]
    for wall, facade in fronts.items():
        at = hits.surface == wall
        along = hits.x[at] if wall == FRONT else hits.y[at]
        albedo, own = facade.colour(along, hits.z[at], hits.distance[at], noise, lit_share)
        lit = light.at(np.stack([hits.x[at], hits.y[at]], axis=1).astype(np.float64)).astype(np.float32)
        fade = np.exp(-np.maximum(hits.z[at] - 3.5, 0) / 5.0)[:, None]
        lit = light.ambient.astype(np.float32) + (lit - light.ambient.astype(np.float32)) * fade
        colour[at] = albedo * lit * np.float32(0.92 if wall == FRONT else 0.78)
        glow[at] = own
    is_screen = _screens(hits, rng, glow) if rng.random() < 0.7 else np.zeros(len(hits.x), bool)
    glow *= np.float32(0.45 if light.kind == "day" else 1.0)
    colour[is_screen] = 0
    glow[is_screen] /= np.float32(0.6 if light.kind == "day" else 1.1)
    return colour + glow, is_screen


def _add_props(
    site: Site,
    camera: Camera,
    light: Light,
    image: npt.NDArray[np.uint8],
    flat: npt.NDArray[np.uint8],
    walls: list[Patch],
) -> list[Patch]:
    patches = []
    for prop in sorted(site.props, key=lambda one: -np.hypot(one.x, one.y)):
        mask = np.zeros_like(flat)
        tint = light.at(np.array([prop.x, prop.y]))
        sides = FOOTPRINT_M[prop.kind]
        corners = [(x, y, 0.01) for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
        foot = np.array(corners) * (0.6 * sides[0], 0.6 * sides[1], 1.0) + np.array((prop.x, prop.y, 0.0))
        pixels, depth = camera.project(foot)
        if depth.min() < 0.6:
            continue
        shade = np.full(flat.shape, 255, np.uint8)
        cv2.fillConvexPoly(shade, np.clip(pixels, -9999, 9999).astype(np.int32), 150)
        soft = cv2.GaussianBlur(shade, (0, 0), max(1.0, 0.12 * camera.focal_px / float(depth.mean())))
        np.multiply(image, (soft / 255.0)[..., None], out=image, casting="unsafe")
        before = image.copy()
        draw_prop(prop, Canvas(image, mask, 255, camera, tint), light)
        if prop.kind == "parked":
            for wall in walls:
                np.copyto(image, before, where=wall.mask[..., None])
                mask[wall.mask] = 0
        ys, xs = np.nonzero(mask)
        if not len(xs):
            continue
        box = (int(xs.min()), int(ys.min()), int(xs.max()) + 1, int(ys.max()) + 1)
        inner = mask[box[1] : box[3], box[0] : box[2]]
        patches.append(Patch(float(np.hypot(prop.x, prop.y)), box, inner > 0, prop.kind == "parked"))
        flat[mask > 0] = VEHICLE if prop.kind == "parked" else 0
        flat[mask == SCREEN] = SCREEN
    return patches


def _walls(hits: _Hits, size: tuple[int, int]) -> list[Patch]:
    """The side walls, which hide the road behind them but nobody on the square."""
    is_wall = ((hits.surface == LEFT) | (hits.surface == RIGHT)).reshape(size[1] * OVERSAMPLE, -1)
    mask = cv2.resize(is_wall.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0.5
    return [Patch(np.inf, (0, 0, *size), mask, False)] if mask.any() else []


def paint(site: Site, camera: Camera, light: Light, rng: np.random.Generator) -> Backdrop:
    """Paint the empty place.

    Returns:
        The picture with vignetting but without noise, and its class map (screens and parked vehicles).
    """
    fronts = {FRONT: Facade(int(rng.integers(1 << 30)))}
    fronts |= {LEFT: Facade(int(rng.integers(1 << 30))), RIGHT: Facade(int(rng.integers(1 << 30)))}
    hits = _cast(camera, site, fronts, OVERSAMPLE)
    colour, is_screen = _lay_colours(hits, site, light, fronts, rng)
    shape = (camera.height * OVERSAMPLE, camera.width * OVERSAMPLE)
    size = (camera.width, camera.height)
    image = cv2.resize(np.clip(colour, 0, 255).reshape(*shape, 3), size, interpolation=cv2.INTER_AREA)
    share = cv2.resize(is_screen.reshape(shape).astype(np.float32), size, interpolation=cv2.INTER_AREA)
    flat = np.where(share > 0.5, SCREEN, 0).astype(np.uint8)
    picture = np.clip(image, 0, 255).astype(np.uint8)
    walls = _walls(hits, size)
    patches = [*walls, *_add_props(site, camera, light, picture, flat, walls)]
    at = np.stack(np.meshgrid(np.arange(camera.width), np.arange(camera.height)), axis=-1).astype(np.float64)
    picture = (picture * vignette(camera, at)[..., None]).astype(np.uint8)
    patches.sort(key=lambda patch: -patch.distance)
    return Backdrop(picture, flat, tuple(patches))
