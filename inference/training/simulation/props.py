"""Street furniture: drawn once into the background, kept as patches that cover whoever walks behind."""

import numpy as np

from inference.core.frames import SCREEN
from inference.training.simulation.light import LAMP_M, Light
from inference.training.simulation.site import Prop
from inference.training.simulation.solids import Canvas
from inference.training.simulation.vehicles import PAINTS, Vehicle

STEEL, WOOD, STONE = np.array([70.0, 74, 78]), np.array([128.0, 92, 60]), np.array([136.0, 134, 128])


def draw_prop(prop: Prop, canvas: Canvas, light: Light) -> None:
    """Draw one object."""
    rng = np.random.default_rng(prop.seed)
    {
        "lamp": _lamp,
        "tree": _tree,
        "bench": _bench,
        "bin": _bin,
        "bollard": _bollard,
        "display": _display,
        "planter": _planter,
        "parked": _parked,
    }[prop.kind](prop, canvas, light, rng)


def _foot(prop: Prop, z: float = 0.0) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.array([prop.x, prop.y, z])


def _lamp(prop: Prop, canvas: Canvas, light: Light, rng: np.random.Generator) -> None:
    canvas.pole(_foot(prop), _foot(prop, LAMP_M), 0.06, STEEL)
    is_lit = light.kind != "day"
    colour = light.lamp_rgb / light.lamp_rgb.max() * 255 if is_lit else np.array([190.0, 192, 186])
    canvas.ball(_foot(prop, LAMP_M), 0.2, colour, glow=is_lit)


def _tree(prop: Prop, canvas: Canvas, light: Light, rng: np.random.Generator) -> None:
    top = 2.4 * prop.size
    canvas.pole(_foot(prop), _foot(prop, top), 0.12, np.array([84.0, 66, 50]))
    leaf = np.array([[70.0, 104, 50], [92, 112, 52], [56, 88, 58], [150, 110, 44]])[rng.integers(4)]
    spots = rng.normal(0, 0.5, (90, 3)) * (0.85, 0.85, 0.65) * prop.size
    for spot in spots[np.argsort(spots[:, 2])]:
        shade = 0.62 + 0.3 * np.clip(spot[2] + 0.4, 0, 1.2) + rng.uniform(-0.08, 0.08)
        canvas.ball(_foot(prop, top + 0.9 * prop.size) + spot, float(rng.uniform(0.14, 0.3)) * prop.size, leaf * shade)


def _bench(prop: Prop, canvas: Canvas, light: Light, rng: np.random.Generator) -> None:
    back = -0.24 if prop.is_turned else 0.24
    parts = [(-0.75, 0.0, 0.0, 0.08, 0.4, 0.42, STEEL), (0.75, 0.0, 0.0, 0.08, 0.4, 0.42, STEEL)]
    parts += [(0.0, 0.0, 0.4, 1.7, 0.45, 0.05, WOOD)]
    board = (0.0, back, 0.5, 1.7, 0.05, 0.36, WOOD * 0.92)
    parts = [*parts, board] if prop.is_turned else [board, *parts]
    for x, y, z, wide, deep, high, colour in parts:
        canvas.box(_foot(prop, z) + np.array((x, y, 0.0)), (wide, deep, high), colour)


def _bin(prop: Prop, canvas: Canvas, light: Light, rng: np.random.Generator) -> None:
    canvas.box(_foot(prop), (0.45, 0.45, 0.95), np.array([58.0, 70, 62]))
    canvas.box(_foot(prop, 0.95), (0.5, 0.5, 0.06), STEEL)


def _bollard(prop: Prop, canvas: Canvas, light: Light, rng: np.random.Generator) -> None:
    canvas.pole(_foot(prop), _foot(prop, 0.85), 0.08, STONE)
    canvas.ball(_foot(prop, 0.87), 0.09, STONE * 1.1)


def _planter(prop: Prop, canvas: Canvas, light: Light, rng: np.random.Generator) -> None:
    canvas.box(_foot(prop), (1.4, 0.8, 0.5), STONE)
    for x, y, z in rng.uniform((-0.6, -0.3, 0.5), (0.6, 0.3, 0.75), (26, 3)):
        colour = np.array([[74.0, 112, 56], [170, 70, 90], [96, 124, 60]])[rng.integers(3)]
        canvas.ball(_foot(prop, z) + np.array((x, y, 0.0)), float(rng.uniform(0.08, 0.18)), colour)


def _display(prop: Prop, canvas: Canvas, light: Light, rng: np.random.Generator) -> None:
    canvas.box(_foot(prop), (1.2, 0.25, 2.2), STEEL)
    front = _foot(prop) + np.array((0.0, -0.14, 0.0))
    area = np.array([[-0.52, 0, 0.55], [0.52, 0, 0.55], [0.52, 0, 2.08], [-0.52, 0, 2.08]])
    base = rng.uniform(60, 230, 3)
    canvas.polygon(front + area, base, value=SCREEN, glow=True)
    for _ in range(5):
        x, z = rng.uniform(-0.4, 0.2), rng.uniform(0.65, 1.7)
        wide, high = rng.uniform(0.1, 0.4), rng.uniform(0.06, 0.3)
        bar = np.array([[x, 0, z], [min(x + wide, 0.5), 0, z], [min(x + wide, 0.5), 0, z + high], [x, 0, z + high]])
        canvas.polygon(front + bar, rng.uniform(40, 255, 3), value=SCREEN, glow=True)


def _parked(prop: Prop, canvas: Canvas, light: Light, rng: np.random.Generator) -> None:
    kind = "car" if rng.random() < 0.85 else "van"
    paint = PAINTS[rng.integers(len(PAINTS))]
    Vehicle(kind, prop.x, prop.y, -1, 0.0, paint).draw(canvas, has_lights=False)
