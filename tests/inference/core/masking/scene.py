"""A scene whose people are a pattern that occurs nowhere else, so that one surviving pixel can be found."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt

from inference.core.frames import Image, MaskedFrame, RawFrame
from inference.core.masking.base import Masker, Probabilities

START = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
FPS = 10
Box = tuple[int, int, int, int]


def ground(width: int, height: int, seed: int = 0) -> Image:
    """Return a noisy grey ground without a pixel of the pattern (green is never low)."""
    return np.random.default_rng(seed).integers(90, 180, (height, width, 3)).astype(np.uint8)


def person_texture(width: int, height: int, seed: int = 1) -> Image:
    """Return the pattern: bright red and blue, little green, no two pixels alike."""
    generator = np.random.default_rng(seed)
    texture = generator.integers(205, 256, (height, width, 3))
    texture[..., 1] = generator.integers(0, 50, (height, width))
    return texture.astype(np.uint8)


def is_pattern(image: Image) -> npt.NDArray[np.bool_]:
    """Return `bool (H, W)`: where the pattern survives."""
    return (image[..., 0] > 200) & (image[..., 1] < 55) & (image[..., 2] > 200)


def raw(
    boxes: Iterable[Box] = (),
    index: int = 0,
    *,
    size: tuple[int, int] = (160, 120),
    at_s: float | None = None,
    discontinuity: bool = False,
) -> RawFrame:
    """Return a frame of `size` (width, height) with a person in each box (xyxy, may lie outside)."""
    width, height = size
    image = ground(width, height, seed=index)
    texture = person_texture(width, height, seed=index + 1)
    for left, top, right, bottom in boxes:
        window = slice(max(0, top), max(0, bottom)), slice(max(0, left), max(0, right))
        image[window] = texture[window]
    at_s = index / FPS if at_s is None else at_s
    return RawFrame(image, index, at_s, START + timedelta(seconds=at_s), discontinuity)


class PatternNetwork:
    """Finds the pattern cell by cell, as a perfect network would; can be struck blind for some frames."""

    fingerprint = "pattern"

    def __init__(self, *, cell: int = 4, blind: Iterable[int] = (), channel: int = 0) -> None:
        """Cells of `cell` pixels; `blind`: calls (from 0) that find nobody; `channel`: the class found."""
        self._cell, self._blind, self._channel = cell, set(blind), channel
        self.calls = 0

    def probabilities(self, image: Image) -> Probabilities:
        """Return .9 in every cell that holds a pixel of the pattern."""
        height, width = image.shape[:2]
        rows, columns = -(-height // self._cell), -(-width // self._cell)
        maps = np.zeros((3, rows, columns), np.float32)
        if self.calls not in self._blind:
            y, x = np.nonzero(is_pattern(image))
            maps[self._channel, y * rows // height, x * columns // width] = 0.9
        self.calls += 1
        return maps


class FaultyNetwork:
    """Answers with whatever `answer` makes of the image."""

    fingerprint = "faulty"

    def __init__(self, answer: Callable[[Image], object]) -> None:
        """Take the fault."""
        self._answer = answer

    def probabilities(self, image: Image) -> Probabilities:
        """Return the faulty answer."""
        return self._answer(image)  # type: ignore[return-value]


def run(masker: Masker, frames: Iterable[RawFrame]) -> list[MaskedFrame]:
    """Return everything that comes out of `masker`."""
    shown: list[MaskedFrame] = []
    for frame in frames:
        shown += masker.push(frame)
    return shown + masker.flush()


def leaks(frames: Iterable[MaskedFrame]) -> int:
    """Count pixels of the pattern in `frames`."""
    return sum(int(np.count_nonzero(is_pattern(frame.image))) for frame in frames)
