"""Light and the camera's eye: sun, dusk and lamps; vignetting, sensor noise, infrared."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from inference.training.simulation.camera import Array, Camera
from inference.training.simulation.config import LightKind
from inference.training.simulation.site import Site

LAMP_M = 4.2
"""Height of a street lamp's head."""


@dataclass(frozen=True)
class Light:
    """Illumination of a scene.

    Attributes:
        kind: time of day.
        ambient: `(3,)` RGB, 1 is full day.
        sky: `(3,)` RGB 0-255 at the horizon.
        shadow_lean: metres of cast shadow per metre of height, `(2,)`, or None without sun.
        lamps: `(K, 2)` places of burning lamps.
        lamp_rgb: `(3,)` strength and colour under a lamp.
        noise: standard deviation of the sensor's noise, grey levels.
        is_infrared: whether the camera has gone over to grey night vision.
    """

    kind: LightKind
    ambient: Array
    sky: Array
    shadow_lean: Array | None
    lamps: Array
    lamp_rgb: Array
    noise: float
    is_infrared: bool

    def at(self, ground: Array) -> Array:
        """Light `(..., 3)` that falls on ground points `(..., 2)`."""
        result = np.broadcast_to(self.ambient, (*ground.shape[:-1], 3)).copy()
        for lamp in self.lamps:
            distance2 = ((ground - lamp) ** 2).sum(axis=-1)
            result += (1.0 / (1.0 + distance2 / 9.0) ** 1.5)[..., None] * self.lamp_rgb
        return result


def choose_light(kind: LightKind, rng: np.random.Generator, site: Site) -> Light:
    """Draw the weather and the lamps' colour."""
    posts = np.array([(prop.x, prop.y) for prop in site.props if prop.kind == "lamp"]).reshape(-1, 2)
    none = np.zeros((0, 2))
    noise = {"day": rng.uniform(1.0, 2.6), "dusk": rng.uniform(2.0, 4.0), "night": rng.uniform(3.0, 6.5)}[kind]
    warm = np.array([1.0, 0.78, 0.5]) if rng.random() < 0.6 else np.array([0.92, 0.97, 1.0])
    is_sunny = rng.random() < 0.55
    lean = rng.uniform(-1.3, 1.3, 2) if is_sunny and kind == "day" else None
    if kind == "day":
        ambient = np.array([1.12, 1.08, 1.0]) if is_sunny else np.array([0.94, 0.97, 1.0])
        sky = np.array([188, 208, 230.0]) if is_sunny else np.array([196, 200, 204.0])
        return Light(kind, ambient * rng.uniform(0.88, 1.06), sky, lean, none, warm, float(noise), False)
    if kind == "dusk":
        ambient = np.array([0.6, 0.56, 0.6]) * rng.uniform(0.85, 1.2)
        return Light(kind, ambient, np.array([150, 124, 132.0]), None, posts, 0.55 * warm, float(noise), False)
    ambient = np.array([0.22, 0.23, 0.29]) * rng.uniform(0.8, 1.5)
    is_infrared = bool(rng.random() < 0.3)
    return Light(kind, ambient, np.array([20, 22, 34.0]), None, posts, 0.85 * warm, float(noise), is_infrared)


def vignette(camera: Camera, pixels: Array) -> Array:
    """Brightness `(...)` left at pixels `(..., 2)`: 1 in the middle, about 0.75 in the corners."""
    middle = np.array([0.5 * camera.width, 0.5 * camera.height])
    reach = ((pixels - middle) ** 2).sum(axis=-1) / (middle**2).sum()
    result: Array = 1.0 - 0.26 * np.minimum(reach, 1.5)
    return result


class Sensor:
    """Turns a clean drawing into what a CCTV camera delivers: a little blur and noise."""

    def __init__(self, camera: Camera, light: Light, rng: np.random.Generator) -> None:
        self._shape = (camera.height, camera.width)
        self._is_infrared = light.is_infrared
        self._rng = rng
        shape = (camera.height + 48, camera.width + 48, 3)
        coarse = rng.normal(0, light.noise, (*shape[:2], 1)) + rng.normal(0, 0.5 * light.noise, shape)
        grain = cv2.GaussianBlur(coarse.astype(np.float32), (3, 3), 0.6) * 1.5
        self._more = np.clip(grain, 0, 255).astype(np.uint8)
        self._less = np.clip(-grain, 0, 255).astype(np.uint8)

    def expose(self, image: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
        """Blur, noise, and grey if infrared; `uint8 (H, W, 3)` in and out."""
        x, y = (int(value) for value in self._rng.integers(0, 48, 2))
        rows, columns = slice(y, y + self._shape[0]), slice(x, x + self._shape[1])
        seen = cv2.GaussianBlur(image, (3, 3), 0.55)
        cv2.add(seen, self._more[rows, columns], seen)
        cv2.subtract(seen, self._less[rows, columns], seen)
        if self._is_infrared:
            seen = cv2.cvtColor(cv2.cvtColor(seen, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
            cv2.convertScaleAbs(seen, seen, 1.35, 6)
        return seen.astype(np.uint8, copy=False)
