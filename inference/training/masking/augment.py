"""What a camera does to a picture: night, infrared, rain, glare, blur, noise, low resolution, compression; occluders.

Every function takes and gives `uint8 (H, W, 3)` RGB, draws its strength from `random` and leaves labels alone, except
`occlude`, which hides parts of people and says so in the planes.
"""

import functools
from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt

from inference.core.frames import Image
from inference.training.masking.data import Plane

Random = np.random.Generator


def tone(image: Image, random: Random) -> Image:
    """Gamma, contrast and brightness in one look-up."""
    gamma = float(np.exp(random.uniform(-0.6, 0.6)))
    contrast, brightness = random.uniform(0.65, 1.35), random.uniform(-35, 35)
    ramp = np.linspace(0, 1, 256) ** gamma * 255
    table = np.clip((ramp - 128) * contrast + 128 + brightness, 0, 255).astype(np.uint8)
    return np.asarray(cv2.LUT(image, table), np.uint8)


def night(image: Image, random: Random) -> Image:
    """Few photons: dark, noisy, with a lamp's light from one side."""
    height, width = image.shape[:2]
    x, y = np.meshgrid(np.linspace(-1, 1, width), np.linspace(-1, 1, height))
    lamp_x, lamp_y = random.uniform(-1.2, 1.2, 2)
    light = random.uniform(0.12, 0.35) + random.uniform(0.1, 0.5) * np.exp(
        -((x - lamp_x) ** 2 + (y - lamp_y) ** 2) / random.uniform(0.2, 1.5)
    )
    warm = np.array([1.0, random.uniform(0.75, 1.0), random.uniform(0.5, 1.0)])
    dark = image * light[..., None] * warm
    return noise(np.clip(dark, 0, 255).astype(np.uint8), random)


def cast(image: Image, random: Random) -> Image:
    """A colour cast of lamp or white balance."""
    return np.clip(image * random.uniform(0.75, 1.25, 3), 0, 255).astype(np.uint8)


def grey(image: Image, random: Random) -> Image:
    """Infrared or black and white: one channel, skin and cloth shifted, sometimes bloom round bright parts."""
    weights = random.dirichlet((2.0, 2.0, 2.0))
    single = np.clip(image @ weights * random.uniform(0.8, 1.2), 0, 255).astype(np.uint8)
    if random.random() < 0.4:
        bright = cv2.GaussianBlur(np.where(single > 170, single, 0).astype(np.uint8), (0, 0), random.uniform(3, 9))
        single = np.asarray(cv2.add(single, bright), np.uint8)
    return np.ascontiguousarray(np.repeat(single[..., None], 3, axis=2))


def low_resolution(image: Image, random: Random) -> Image:
    """A small sensor or stream, enlarged."""
    height, width = image.shape[:2]
    factor = random.uniform(1.3, 3.0)
    small = cv2.resize(image, (round(width / factor), round(height / factor)), interpolation=cv2.INTER_AREA)
    how = (cv2.INTER_LINEAR, cv2.INTER_CUBIC, cv2.INTER_NEAREST)[int(random.integers(0, 3))]
    return np.asarray(cv2.resize(small, (width, height), interpolation=how), np.uint8)


def blur(image: Image, random: Random) -> Image:
    """Out of focus, or moved during exposure."""
    if random.random() < 0.5:
        return np.asarray(cv2.GaussianBlur(image, (0, 0), random.uniform(0.5, 1.8)), np.uint8)
    length = int(random.integers(3, 10))
    kernel = np.zeros((length, length), np.float32)
    kernel[length // 2] = 1.0 / length
    turn = cv2.getRotationMatrix2D(((length - 1) / 2, (length - 1) / 2), float(random.uniform(0, 180)), 1.0)
    kernel = np.asarray(cv2.warpAffine(kernel, turn, (length, length)), np.float32)
    return np.asarray(cv2.filter2D(image, -1, kernel / max(float(kernel.sum()), 1e-6)), np.uint8)


def noise(image: Image, random: Random) -> Image:
    """Sensor noise, the same in all channels or not."""
    grain, (height, width) = _grain(), image.shape[:2]
    top, left = int(random.integers(0, len(grain) - height + 1)), int(random.integers(0, len(grain) - width + 1))
    piece = grain[top : top + height, left : left + width] * np.float32(random.uniform(2, 14))
    return np.clip(image + (piece[..., :1] if random.random() < 0.5 else piece), 0, 255).astype(np.uint8)


@functools.cache
def _grain() -> npt.NDArray[np.float32]:
    """Gaussian noise, drawn once: pieces of it serve all pictures, as drawing it anew takes most of a crop's time."""
    return np.random.default_rng(0).standard_normal((1024, 1024, 3)).astype(np.float32)


def rain(image: Image, random: Random) -> Image:
    """Streaks and a little fog."""
    drawn = image.copy()
    height, width = image.shape[:2]
    slant, length = random.uniform(-0.3, 0.3), random.uniform(6, 18)
    for _ in range(int(random.integers(20, 90))):
        x, y = random.uniform(0, width), random.uniform(0, height)
        end = (round(x + slant * length), round(y + length))
        cv2.line(drawn, (round(x), round(y)), end, (200, 200, 205), 1, cv2.LINE_AA)
    fog = random.uniform(0.1, 0.4)
    return np.asarray(cv2.addWeighted(drawn, 0.6 * (1 - fog), image, 0.4 * (1 - fog), 190 * fog), np.uint8)


def glare(image: Image, random: Random) -> Image:
    """Sun or headlights into the lens."""
    height, width = image.shape[:2]
    spot = np.zeros((height, width), np.float32)
    centre = (int(random.integers(0, width)), int(random.integers(0, height)))
    cv2.circle(spot, centre, int(random.integers(8, 40)), float(random.uniform(120, 255)), -1)
    light = np.asarray(cv2.GaussianBlur(spot, (0, 0), random.uniform(10, 40)), np.float32)
    return np.clip(image + light[..., None], 0, 255).astype(np.uint8)


def compress(image: Image, random: Random) -> Image:
    """JPEG at quality 18-85."""
    quality = [cv2.IMWRITE_JPEG_QUALITY, int(random.integers(18, 86))]
    _, encoded = cv2.imencode(".jpg", image[..., ::-1], quality)
    decoded = cv2.imdecode(encoded, cv2.IMREAD_COLOR)
    return np.ascontiguousarray(np.asarray(decoded, np.uint8)[..., ::-1])


_STEPS: tuple[tuple[float, Callable[[Image, Random], Image]], ...] = (
    (0.6, tone),
    (0.3, cast),
    (0.08, night),
    (0.15, grey),
    (0.05, rain),
    (0.05, glare),
    (0.15, blur),
    (0.2, low_resolution),
    (0.3, noise),
    (0.5, compress),
)


def photometric(image: Image, random: Random) -> Image:
    """A random camera in random weather."""
    for chance, step in _STEPS:
        if random.random() < chance:
            image = step(image, random)
    return image


def occlude(image: Image, planes: Plane, random: Random) -> None:
    """Put a few flat or textured boxes and poles over the picture; they hide what they cover. Changes both in place."""
    height, width = image.shape[:2]
    for _ in range(int(random.integers(1, 4))):
        if random.random() < 0.5:  # a pole or a railing
            w, h = int(random.integers(3, 12)), int(random.integers(height // 4, height))
        else:
            w, h = int(random.integers(8, width // 4)), int(random.integers(8, height // 4))
        x, y = int(random.integers(0, width - w)), int(random.integers(0, height - h))
        if random.random() < 0.5:
            image[y : y + h, x : x + w] = random.integers(0, 256, 3)
            planes[:, y : y + h, x : x + w] = 0
        else:
            source_x, source_y = int(random.integers(0, width - w)), int(random.integers(0, height - h))
            image[y : y + h, x : x + w] = image[source_y : source_y + h, source_x : source_x + w].copy()
            copied = planes[:, source_y : source_y + h, source_x : source_x + w].copy()
            planes[:, y : y + h, x : x + w] = copied
