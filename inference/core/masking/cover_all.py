"""The masker `cover-all`: the whole frame in one colour, for places where nothing at all may be seen.

Method: none; no pixel is read. Source: our own. Licence: Apache-2.0. Limits: nothing is left to detect anything in.
"""

from dataclasses import dataclass
from hashlib import sha256
from time import perf_counter

import numpy as np

from inference.core.frames import MaskedFrame, RawFrame, Tracks
from inference.core.masking.mint import MINT
from inference.core.masking.paca_seg_config import SILHOUETTE_COLOUR, check_colour
from inference.core.masking.style import Colour


@dataclass(frozen=True, slots=True)
class CoverAllConfig:
    """Which colour (RGB)."""

    colour: Colour = SILHOUETTE_COLOUR

    def __post_init__(self) -> None:
        object.__setattr__(self, "colour", check_colour(self.colour))


class CoverAllMasker:
    """Meets `Masker` by covering everything."""

    def __init__(self, config: CoverAllConfig) -> None:
        """Make a masker."""
        self._config = config

    @property
    def fingerprint(self) -> str:
        """Settings, 16 hex digits."""
        return sha256(f"cover-all {self._config!r}".encode()).hexdigest()[:16]

    def push(self, frame: RawFrame) -> list[MaskedFrame]:
        """Give the frame at once, covered through its last pixel."""
        started = perf_counter()
        image = np.empty_like(frame.image)
        image[:] = self._config.colour
        height, width = frame.image.shape[:2]
        masked = MaskedFrame(
            image=image,
            index=frame.index,
            pts_s=frame.pts_s,
            captured_at=frame.captured_at,
            class_map=np.zeros((max(1, height // 4), max(1, width // 4)), np.uint8),
            tracks=Tracks.none(),
            discontinuity=frame.discontinuity,
            mask_ms=(perf_counter() - started) * 1000.0,
            mint=MINT,
        )
        return [masked]

    def glance(self, frame: RawFrame) -> None:
        """Take note of nothing: no pixel is read."""

    def flush(self) -> list[MaskedFrame]:
        """Give nothing: nothing is held back."""
        return []

    def reset(self) -> None:
        """Forget nothing: nothing is known."""

    def hand_over(self) -> None:
        """Hand over nothing: nothing is known."""

    def take_over(self, memory: object, *, with_view: bool) -> None:
        """Take over nothing: all is covered anyway."""

    def fresh(self) -> "CoverAllMasker":
        """Return a new masker with the same settings."""
        return CoverAllMasker(self._config)
