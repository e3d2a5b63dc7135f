"""Rendered views of a fixed camera: structure of all sizes as in photographs, noise, passers-by, movement."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache

import cv2
import numpy as np

from inference.core.frames import Image, RawFrame

START = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
FPS = 10
WIDTH, HEIGHT, MARGIN = 640, 360, 160


@lru_cache(maxsize=8)
def place(seed: int) -> Image:
    """Return a place larger than one view of it: patches of every size over each other, like buildings and paving."""
    generator = np.random.default_rng(seed)
    shape = HEIGHT + 2 * MARGIN, WIDTH + 2 * MARGIN
    total = np.zeros((*shape, 3), np.float32)
    for cells in (4, 8, 16, 32, 64, 128):
        coarse = generator.normal(0, 1, (cells, 2 * cells, 3)).astype(np.float32)
        total += cv2.resize(coarse, (shape[1], shape[0]), interpolation=cv2.INTER_NEAREST) / (cells / 4) ** 0.5
    picture = np.asarray(128 + 38 * total, np.float32).clip(20, 235).astype(np.uint8)
    picture.setflags(write=False)
    return picture


def view(seed: int = 1, *, right: int = 0, down: int = 0, noise: float = 4.0, index: int = 0) -> Image:
    """Return what the camera sees of place `seed` when it is turned by so many pixels."""
    top, left = MARGIN + down, MARGIN + right
    picture = place(seed)[top : top + HEIGHT, left : left + WIDTH].astype(np.float32)
    grain = np.random.default_rng(1000 * seed + index).normal(0, 1, (HEIGHT // 2, WIDTH // 2)).astype(np.float32)
    picture += noise * cv2.resize(grain, (WIDTH, HEIGHT), interpolation=cv2.INTER_NEAREST)[..., None]
    return np.asarray(picture.clip(0, 255).astype(np.uint8), np.uint8)


def with_people(image: Image, at: int, count: int = 3) -> Image:
    """Return `image` with `count` people who walk to and fro, `at` pixels along their way."""
    image = image.copy()
    for person in range(count):
        left = (person * 210 + at * (1 if person % 2 else -1)) % WIDTH
        top = 60 + 50 * (person % 4)
        image[top : top + 150, left : left + 50] = (60 + 20 * person, 40, 90)
    return image


def frame(image: Image, index: int, *, fps: float = FPS, discontinuity: bool = False) -> RawFrame:
    """Return `image` as frame `index` of a stream."""
    at_s = index / fps
    return RawFrame(image, index, at_s, START + timedelta(seconds=at_s), discontinuity)
