"""Notices when the picture is suddenly another one: a cut to another scene, or a camera that is turned or knocked.

What is known of the people in one view is worth nothing in another, and a network sees badly through a moving lens.
The frame is shrunk to a small grey thumbnail and cut into tiles. A tile agrees with the same tile of an earlier frame
as far as the two correlate (mean and contrast removed, so that lights switched on or off change nothing). People and
vehicles change some tiles; only the camera changes most of them. Tiles without structure have no vote.

Source: normalised cross-correlation over tiles, sizes and limits our own (docs/masking.md has the figures); the shift
is found by phase correlation (Kuglin and Hines, 1975), as OpenCV has it.
"""

from collections import deque
from dataclasses import dataclass, field
from functools import lru_cache
from math import hypot
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

Grey = npt.NDArray[np.float32]
"""`float32 (h, w)`, brightness 0-255."""

WIDTH: Final = 64
HEIGHT: Final = 36
"""Cells of a thumbnail: noise is averaged away, and a person is a few cells."""

ACROSS: Final = 4
DOWN: Final = 3
"""Tiles of a thumbnail."""

CONTRAST: Final = 2.0
"""Standard deviation of brightness from which a tile has structure ..."""

ABOVE_NOISE: Final = 3.0
"""... if it is so many times what noise alone would leave of it as well."""

AGREES: Final = 0.5
"""Correlation from which a tile shows the same thing: about .95 between ordinary frames, about 0 between scenes."""

MANY: Final = 0.75
"""Share of the tiles that have to change. Two people passing close to the lens, or a lorry, changed .55 at most;
cuts between the clips of the shared data folder change .88 and more."""

HALF: Final = 0.5
"""Undoing a shift must make this share of the tiles agree better, and `MANY` no worse: a tile of kerbs and façades may
look the same after a turn."""

SAME: Final = 0.05

VOTERS: Final = 4
"""Tiles needed for a vote; with fewer, a few people would decide it."""

SHIFT: Final = 0.025
"""Share of the picture's side: a camera that moves further within `WINDOW_S` is being turned, not shaken by wind."""

BETTER: Final = 0.1
"""By so much correlation must rise, tile by tile, where the shift is undone: else people moved, not the camera."""

WINDOW_S: Final = 0.5
KEPT: Final = 32
"""Thumbnails kept at most, also where stream time stands still."""

CUT: Final = "the picture changed at once (another scene, or the camera was turned)"
MOVED: Final = "the camera moved"


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """One frame, small.

    Attributes:
        grey: `float32 (HEIGHT, WIDTH)`.
        tiles: `float32 (ACROSS * DOWN, n)`, brightness less the tile's mean.
        spread: `float32 (ACROSS * DOWN,)`, standard deviation of each tile.
        is_readable: `bool (ACROSS * DOWN,)`, whether it has structure.
    """

    grey: Grey = field(repr=False)
    tiles: Grey = field(repr=False)
    spread: Grey = field(repr=False)
    is_readable: npt.NDArray[np.bool_] = field(repr=False)


def thumbnail(grey: Grey, noise: float) -> Thumbnail:
    """Return the thumbnail of `float32 (HEIGHT, WIDTH)` whose noise has the standard deviation `noise`."""
    cells = grey.reshape(DOWN, HEIGHT // DOWN, ACROSS, WIDTH // ACROSS).swapaxes(1, 2).reshape(DOWN * ACROSS, -1)
    tiles = cells - cells.mean(axis=1, keepdims=True)
    spread = np.sqrt(np.einsum("ij,ij->i", tiles, tiles) / np.float32(tiles.shape[1]))
    return Thumbnail(grey, tiles, spread, spread > max(CONTRAST, ABOVE_NOISE * noise))


class Steadiness:
    """Compares each frame of one stream with those before."""

    def __init__(self) -> None:
        """Start with nothing seen: the first frame is as good as any."""
        self._kept: deque[tuple[float, Thumbnail]] = deque(maxlen=KEPT)
        self._left: Thumbnail | None = None

    @property
    def is_away(self) -> bool:
        """Whether the view jumped and has not come back to what it was."""
        return self._left is not None

    def settle(self) -> None:
        """Take the view as it is now for the one to come back to."""
        self._left = None

    def resumed(self) -> "Steadiness":
        """Return one for a stream that begins anew: its first frame is measured by the last one of this stream."""
        new = Steadiness()
        new._kept.extend((float("-inf"), now) for _, now in list(self._kept)[-1:])
        new._left = self._left
        return new

    def is_back(self, now: Thumbnail) -> bool:
        """Tell, once, that the view before the jump has returned (wipers, a train, a camera that turned back)."""
        if self._left is None or not _is_the_same(self._left, now):
            return False
        self._left = None
        return True

    def jump(self, now: Thumbnail, pts_s: float) -> str:
        """Return `CUT` or `MOVED` if this frame shows another view than those before; empty if not.

        Args:
            now: the frame.
            pts_s: its stream time, never earlier than that of the last call.
        """
        while len(self._kept) > 1 and pts_s - self._kept[0][0] > WINDOW_S + 1e-6:
            self._kept.popleft()
        reason = ""
        if self._kept:
            before, earliest = self._kept[-1][1], self._kept[0][1]
            if _is_another(before, now):
                reason = CUT
            elif _is_moved(earliest, now):
                reason = MOVED
        if reason:
            if self._left is None:
                self._left = self._kept[0][1]  # of a movement that began within the window, the view before it
            self._kept.clear()  # the new view is what later frames are measured by
        self._kept.append((pts_s, now))
        return reason


def _agreement(one: Thumbnail, other: Thumbnail) -> Grey:
    """Return the correlation, -1 to 1, of each tile that has structure in both."""
    both = one.is_readable & other.is_readable
    products = np.einsum("ij,ij->i", one.tiles[both], other.tiles[both]) / np.float32(one.tiles.shape[1])
    return np.asarray(products / (one.spread[both] * other.spread[both]), np.float32)


def _is_another(one: Thumbnail, other: Thumbnail) -> bool:
    agreement = _agreement(one, other)
    return len(agreement) >= VOTERS and float((agreement < AGREES).mean()) >= MANY


def _is_the_same(one: Thumbnail, other: Thumbnail) -> bool:
    """Tell whether both show one view, unmoved; a camera that is turned little by little agrees with each step."""
    agreement = _agreement(one, other)
    is_like = len(agreement) >= VOTERS and float((agreement >= AGREES).mean()) >= MANY
    return is_like and not _is_moved(one, other)


def _is_moved(one: Thumbnail, other: Thumbnail) -> bool:
    """Tell whether the whole of `other` is `one`, shifted."""
    # Weighted here: given a window, OpenCV writes the weighted pictures over its arguments.
    (right, down), _ = cv2.phaseCorrelate(one.grey * _window(), other.grey * _window())
    if hypot(right / WIDTH, down / HEIGHT) < SHIFT or max(abs(right) / WIDTH, abs(down) / HEIGHT) > 0.5:
        return False
    back = np.array([[1, 0, -right], [0, 1, -down]], np.float32)
    undone = cv2.warpAffine(other.grey, back, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REPLICATE)
    moved = thumbnail(np.asarray(undone, np.float32), 0.0)
    both = one.is_readable & other.is_readable & moved.is_readable
    if np.count_nonzero(both) < VOTERS:
        return False
    readable = [Thumbnail(each.grey, each.tiles, each.spread, both) for each in (one, other, moved)]
    before, after = _agreement(readable[0], readable[1]), _agreement(readable[0], readable[2])
    return float((after > before + BETTER).mean()) >= HALF and float((after > before - SAME).mean()) >= MANY


@lru_cache(maxsize=1)
def _window() -> Grey:
    """Return weights that fade towards the borders, where a shift brings new things in."""
    return np.asarray(cv2.createHanningWindow((WIDTH, HEIGHT), cv2.CV_32F), np.float32)
