"""The people of a scene: what they look like and what they are doing now."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from inference.training.simulation.camera import Array
from inference.training.simulation.poses import ANGLES, Activity

SKIN, HAIR, TOP, SLEEVE, TROUSERS, SHOES, BAG = range(7)
"""Rows of a person's colours."""

SKINS = np.array([[236, 200, 176], [214, 170, 140], [186, 138, 106], [140, 98, 72], [92, 64, 48], [224, 184, 152]])
HAIRS = np.array([[30, 24, 22], [66, 46, 32], [110, 78, 48], [180, 150, 98], [150, 150, 150], [24, 24, 28]])
DARK = np.array([[28, 30, 36], [40, 44, 58], [34, 38, 34], [58, 46, 42], [70, 72, 78], [24, 26, 30]])
BRIGHT = np.array(
    [[168, 48, 44], [44, 82, 148], [226, 222, 214], [196, 160, 60], [64, 118, 80], [150, 106, 150], [210, 120, 70]]
)
MUTED = np.array([[112, 116, 122], [136, 120, 100], [86, 98, 112], [92, 104, 86], [150, 146, 138], [120, 84, 72]])
HIGH_VISIBILITY = np.array([[214, 232, 60], [244, 132, 40]])


@dataclass(frozen=True, slots=True)
class Looks:
    """Clothes and things carried.

    Attributes:
        colours: `float64 (7, 3)` RGB 0-255, rows as `SKIN` ... `BAG`.
        build: width of the body relative to its height, about 1.
        carries: "", "backpack" or "bag".
        coat: whether clothes hang below the hips.
        is_covered: a hood or headscarf instead of hair.
    """

    colours: Array = field(repr=False)
    build: float
    carries: str
    coat: bool
    is_covered: bool


@dataclass(slots=True)
class Person:
    """Somebody in the scene; positions are metres on the ground.

    Attributes:
        agent: number of the pedestrian in the crowd simulation; None for the seated and cyclists.
        wanted_speed: metres per second when walking.
        goal: where they head for.
        leader, beside: whom they keep next to, and where (right, ahead), if anyone.
        role: who steers them: "life" or the running number of an incident.
        until_s: end of a pause.
        fall_turn: direction in which they fall relative to the heading.
        shift: drawn away from the crowd's position (lunges in a brawl).
    """

    id: int
    height: float
    looks: Looks
    quirk: Array
    wanted_speed: float
    position: Array
    goal: Array
    heading: float
    agent: int | None = None
    activity: Activity = Activity.WALK
    leader: "Person | None" = None
    beside: Array = field(default_factory=lambda: np.zeros(2))
    role: str = "life"
    until_s: float = 0.0
    look_at: Array | None = None
    speed: float = 0.0
    phase: float = 0.0
    fall_turn: float = 0.0
    shift: Array = field(default_factory=lambda: np.zeros(2))
    pose: Array = field(default_factory=lambda: np.zeros(ANGLES))
    velocity: Array = field(default_factory=lambda: np.zeros(2))


def _pick(rng: np.random.Generator, palette: npt.NDArray[np.int64]) -> Array:
    colour: Array = palette[rng.integers(len(palette))].astype(np.float64) * rng.uniform(0.85, 1.12)
    return colour


def _clothes(rng: np.random.Generator) -> Array:
    kind = rng.random()
    return _pick(rng, DARK if kind < 0.45 else MUTED if kind < 0.75 else BRIGHT)


def random_looks(rng: np.random.Generator) -> Looks:
    """Draw clothes as seen in a northern street: much dark, some bright, a little high-visibility."""
    top = _pick(rng, HIGH_VISIBILITY) if rng.random() < 0.05 else _clothes(rng)
    skin = _pick(rng, SKINS)
    sleeve = skin if rng.random() < 0.2 else top * 0.94
    shoes = _pick(rng, BRIGHT) if rng.random() < 0.2 else _pick(rng, DARK)
    trousers = _clothes(rng) if rng.random() < 0.5 else _pick(rng, DARK)
    is_covered = bool(rng.random() < 0.18)
    hair = _clothes(rng) if is_covered else _pick(rng, HAIRS)
    colours = np.clip(np.stack([skin, hair, top, sleeve, trousers, shoes, _clothes(rng)]), 0, 255)
    carried = rng.random()
    carries = "backpack" if carried < 0.2 else "bag" if carried < 0.38 else ""
    return Looks(colours, float(rng.normal(1.0, 0.08)), carries, bool(rng.random() < 0.25), is_covered)


def random_height(rng: np.random.Generator) -> float:
    """Body height in metres, 1.1-1.95; one in twelve is a child."""
    if rng.random() < 0.08:
        return float(rng.uniform(1.1, 1.5))
    return float(np.clip(rng.normal(1.72, 0.1), 1.5, 1.95))
