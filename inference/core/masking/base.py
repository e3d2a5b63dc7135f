"""What a masker is. `registry.py` lists them; the contract tests in `tests/inference/core` run over all of them."""

from typing import Protocol

import numpy as np
import numpy.typing as npt

from inference.core.frames import Image, MaskedFrame, RawFrame

Probabilities = npt.NDArray[np.float32]
"""`float32 (3, h, w)`, 0-1: person, screen, vehicle; the map covers the whole frame."""

CellMap = npt.NDArray[np.uint8]
"""`uint8 (h, w)`, 0 or 1, at the network's own resolution ("cells"); covers the whole frame."""


class Segmenter(Protocol):
    """A network that says where people, screens and vehicles are."""

    @property
    def fingerprint(self) -> str:
        """Weights and settings in one short hex string."""

    def probabilities(self, image: Image) -> Probabilities:
        """Return `float32 (3, h, w)` for `uint8 (H, W, 3)` RGB.

        Raises:
            MaskingError: the network cannot run.
        """


class Masker(Protocol):
    """Covers everything that must be covered, through time.

    A masker may hold frames back (look-ahead), so that a person found in frame *t* is covered in *t-1 ... t-k* as well:
    `push` returns the frames that are ready, oldest first, and every pushed frame comes out exactly once, in order,
    by a later `push` or by `flush`. A masker that cannot be sure of a frame raises `MaskingError` or gives it withheld;
    `MaskingStage` (stage.py) turns errors, time-outs and impossible output into withheld frames.

    After a `MaskingError` a masker is still sound: what it knows about earlier frames holds. After any other error,
    a hang or an impossible result it is thrown away and its `fresh` successor takes over.
    """

    @property
    def fingerprint(self) -> str:
        """Weights and settings in one short hex string; stored with segments and alerts."""

    def push(self, frame: RawFrame) -> list[MaskedFrame]:
        """Take the next frame; give those that are ready."""

    def flush(self) -> list[MaskedFrame]:
        """Give all frames still held back (end of stream, discontinuity). People are still followed afterwards."""

    def reset(self) -> None:
        """Forget tracks and held frames (they are dropped, never shown)."""

    def glance(self, frame: RawFrame) -> None:
        """Take note of a frame that nobody will see: what is usual in this stream, and whether its view changes."""

    def hand_over(self) -> object | None:
        """Give what is remembered of people and view, never a frame, and forget it; None if it is in doubt."""

    def take_over(self, memory: object, *, with_view: bool) -> None:
        """Go on, from the next frame, where the masker stood that handed `memory` over.

        Without the view any view is taken as it is found: somebody has said since then that the zones are right.
        """

    def fresh(self) -> "Masker":
        """Return a new masker with the same settings; safe while this one hangs in another thread.

        It may take over what is remembered of people and view, never a frame.
        """
