"""Surfaces of the street as functions of where they are: paving, asphalt, brick, windows, shop fronts."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from inference.training.simulation.site import Ground

Map = npt.NDArray[np.float32]
SIZE = 256
WALLS = np.array(
    [[158, 92, 74], [186, 172, 148], [206, 200, 188], [128, 128, 130], [170, 138, 100], [112, 78, 66], [204, 188, 142]]
).astype(np.float32)
GROUNDS: dict[Ground, tuple[float, float, float]] = {
    "paving": (172, 167, 158),
    "asphalt": (112, 112, 114),
    "cobbles": (150, 143, 134),
    "concrete": (186, 183, 175),
}
SHOP_M, FLOOR_M, WINDOW_M = 3.3, 3.1, 2.5
PANE_M = 3.4


@dataclass(frozen=True)
class Noise:
    """Smooth random fields over the world, tiled."""

    fine: Map
    coarse: Map

    @classmethod
    def draw(cls, rng: np.random.Generator) -> "Noise":
        """Make both fields, values about -1 to 1."""
        fine = cv2.GaussianBlur(rng.normal(0, 1, (SIZE, SIZE)).astype(np.float32), (3, 3), 0.8)
        few = np.tile(rng.normal(0, 1, (24, 24)).astype(np.float32), (3, 3))
        coarse = cv2.resize(few, (3 * SIZE, 3 * SIZE), interpolation=cv2.INTER_CUBIC)[SIZE : 2 * SIZE, SIZE : 2 * SIZE]
        return cls(fine.astype(np.float32), np.ascontiguousarray(coarse, np.float32))

    def at(self, u: Map, v: Map, fineness: Map | float) -> Map:
        """Field at world points; `fineness` 0-1 fades the fine part, which would flicker far away."""
        near = self.fine[np.floor(v * 14).astype(np.int32) % SIZE, np.floor(u * 14).astype(np.int32) % SIZE]
        wide = self.coarse[np.floor(v * 9).astype(np.int32) % SIZE, np.floor(u * 9).astype(np.int32) % SIZE]
        result: Map = near * fineness + wide
        return result


def _joint(u: Map, size: float, share: float) -> npt.NDArray[np.bool_]:
    result: npt.NDArray[np.bool_] = np.mod(u, size) < size * share
    return result


def ground_colour(kind: Ground, x: Map, y: Map, distance: Map, noise: Noise) -> Map:
    """Albedo `(N, 3)` 0-255 of a square's surface at `x`, `y` metres, `distance` metres from the camera."""
    clear = np.clip(1.4 - distance / 22.0, 0.0, 1.0)
    grain = noise.at(x, y, clear)
    base = np.array(GROUNDS[kind], np.float32)
    shade = 1.0 + 0.035 * grain
    if kind == "paving":
        row = np.floor(y / 0.5)
        shade -= 0.2 * clear * (_joint(y, 0.5, 0.05) | _joint(x + 0.3 * np.mod(row, 2), 0.6, 0.04))
        slab = np.floor(x / 0.6 + 0.5 * np.mod(row, 2)).astype(np.int32) % SIZE
        shade += 0.05 * noise.coarse[row.astype(np.int32) % SIZE, slab]
    elif kind == "cobbles":
        row = np.floor(y / 0.16)
        shade -= 0.2 * clear * (_joint(y, 0.16, 0.16) | _joint(x + 0.08 * np.mod(row, 2), 0.17, 0.14))
        shade += 0.05 * clear * noise.fine[row.astype(np.int32) % SIZE, np.floor(x / 0.17).astype(np.int32) % SIZE]
    elif kind == "concrete":
        shade -= 0.16 * clear * (_joint(x, 3.0, 0.012) | _joint(y, 3.0, 0.012))
    else:
        shade += 0.04 * grain * clear
    result: Map = (base * shade[:, None]).astype(np.float32)
    return result


def road_colour(x: Map, y: Map, edges: tuple[float, float], distance: Map, noise: Noise) -> Map:
    """Albedo `(N, 3)` of a road along x: asphalt, kerbs and a broken centre line."""
    colour = ground_colour("asphalt", x, y, distance, noise) * 0.86
    middle = 0.5 * (edges[0] + edges[1])
    colour[(np.abs(y - middle) < 0.08) & (np.mod(x, 4.5) < 2.4)] = (205, 203, 196)
    colour[(np.abs(y - edges[0]) < 0.12) | (np.abs(y - edges[1]) < 0.12)] = (168, 166, 160)
    crossing = (np.abs(x - 3.0) < 1.9) & (np.mod(y - edges[0], 1.1) < 0.55)
    colour[crossing] = (208, 207, 202)
    return colour


@dataclass(frozen=True)
class Facade:
    """One street front: houses side by side, each with its wall, height, windows and shops."""

    seed: int

    def heights(self, u: Map) -> Map:
        """Height in metres of the house at `u` metres along the front."""
        rng = np.random.default_rng(self.seed)
        table = rng.uniform(7.0, 17.0, 64).astype(np.float32)
        result: Map = table[np.floor(u / 14.0).astype(np.int32) % 64]
        return result

    def colour(self, u: Map, z: Map, distance: Map, noise: Noise, lit_share: float) -> tuple[Map, Map]:
        """Albedo and own light, both `(N, 3)` 0-255, at `u` metres along and `z` metres up."""
        rng = np.random.default_rng(self.seed + 1)
        house = np.floor(u / 14.0).astype(np.int32) % 64
        walls = WALLS[rng.integers(len(WALLS), size=64)] * rng.uniform(0.8, 1.1, (64, 1)).astype(np.float32)
        clear = np.clip(1.5 - distance / 20.0, 0.0, 1.0)
        shade = 1.0 + 0.03 * noise.at(u, z, clear)
        shade -= 0.1 * clear * (_joint(z, 0.22, 0.16) & (house % 2 == 0))
        colour = (walls[house] * shade[:, None]).astype(np.float32)
        glow = np.zeros_like(colour)
        across, storey = np.mod(u, WINDOW_M), np.mod(z - SHOP_M, FLOOR_M)
        frame = (z > SHOP_M) & (across > 0.55) & (across < 1.85) & (storey > 0.75) & (storey < 2.5)
        glass = frame & (across > 0.65) & (across < 1.75) & (storey > 0.85) & (storey < 2.4)
        glass &= np.abs(across - 1.2) > 0.04  # the bar in its middle
        colour[frame] = (190, 188, 182)
        column, row = np.floor(u / WINDOW_M).astype(np.int32), np.floor((z - SHOP_M) / FLOOR_M).astype(np.int32)
        chance = rng.random((SIZE, SIZE)).astype(np.float32)[row % SIZE, column % SIZE]
        colour[glass] = np.array([58, 68, 80], np.float32) * (0.6 + 0.8 * chance[glass, None])
        lit = glass & (chance < lit_share)
        glow[lit] = np.array([214, 172, 104], np.float32) * (0.6 + 1.2 * chance[lit, None])
        self._shops(u, z, rng, colour, glow, lit_share)
        return colour, glow

    def _shops(self, u: Map, z: Map, rng: np.random.Generator, colour: Map, glow: Map, lit_share: float) -> None:
        pane = np.mod(u, PANE_M)
        shop = np.floor(u / (3 * PANE_M)).astype(np.int32) % 64
        signs = rng.uniform(40, 200, (64, 3)).astype(np.float32)
        fronts = rng.uniform(40, 120, (64, 1)).astype(np.float32) * np.ones(3, np.float32)
        is_shop = (rng.random(64) < 0.75)[shop]
        low = (z < SHOP_M) & is_shop
        colour[low] = fronts[shop[low]]
        colour[low & (z > 2.75)] = signs[shop[low & (z > 2.75)]]
        glass = low & (z > 0.45) & (z < 2.65) & (pane > 0.15) & (pane < PANE_M - 0.15)
        door = glass & (pane < 1.1) & (np.floor(u / PANE_M).astype(np.int32) % 3 == 0)
        colour[glass] = np.array([52, 60, 68], np.float32)
        colour[door] = np.array([74, 70, 64], np.float32)
        is_open = (rng.random(64) < 0.6)[shop]
        board, item = np.floor(z / 0.42).astype(np.int32), np.floor(u / 0.23).astype(np.int32)
        goods = rng.uniform(0.25, 1.0, (SIZE, SIZE)).astype(np.float32)[board % SIZE, item % SIZE]
        shelf = np.where(z > 2.1, 1.0, np.where(np.mod(z, 0.42) < 0.05, 0.35, 0.35 + 0.5 * goods)).astype(np.float32)
        warm = np.array([190, 165, 120], np.float32)
        inside = glass & ~door & is_open
        glow[inside] = warm * (shelf[inside, None] * (0.25 + 1.1 * min(lit_share * 2, 0.7)))
