"""Frames on their way through the line: raw from the decoder, masked for everyone else.

The types carry PACA's first law. A decoder makes `RawFrame`s and hands them to a `Masker` and to nothing else.
Recording, live view, detection and snapshots take `MaskedFrame`s, and only `inference.core.masking` makes those:
the constructor refuses a caller that does not hold the mint of that package (`inference/core/masking/mint.py`).
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from inference.core.errors import MaskingError

Image = npt.NDArray[np.uint8]
"""`uint8 (H, W, 3)`, RGB, 0-255."""

BACKGROUND, PERSON, SCREEN, VEHICLE = 0, 1, 2, 3
"""Values of a class map."""


def check_image(image: Any, name: str) -> None:
    """Raise `ValueError` unless `image` is a non-empty `uint8 (H, W, 3)` array."""
    if not isinstance(image, np.ndarray) or image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
        given = f"{image.dtype} {image.shape}" if isinstance(image, np.ndarray) else type(image).__name__
        raise ValueError(f"`{name}` must be uint8 (H, W, 3), got {given}.")
    if 0 in image.shape:
        raise ValueError(f"`{name}` must have at least one pixel, got {image.shape}.")


def check_aware(at: datetime, name: str) -> None:
    """Raise `ValueError` unless `at` knows its time zone."""
    if at.tzinfo is None:
        raise ValueError(f"`{name}` must be an aware datetime, got the naive {at!r}.")


@dataclass(frozen=True, slots=True)
class RawFrame:
    """One decoded frame. Only a masker (and the central modality's encrypted vault) may read it.

    Attributes:
        image: `uint8 (H, W, 3)` RGB.
        index: counts frames of this stream from 0, without gaps.
        pts_s: stream time in seconds, never decreasing between discontinuities.
        captured_at: wall time at which the decoder received the frame, aware.
        discontinuity: true for the first frame after a connection, reconnection, loop or jump:
            what was learnt from earlier frames (tracks, motion) no longer holds.
    """

    image: Image = field(repr=False)
    index: int
    pts_s: float
    captured_at: datetime
    discontinuity: bool = False

    def __post_init__(self) -> None:
        check_image(self.image, "image")
        check_aware(self.captured_at, "captured_at")


@dataclass(frozen=True, slots=True)
class Tracks:
    """The people (and other covered objects) that the masker follows in one frame.

    Attributes:
        ids: `int64 (N,)`, stable over time within one stream.
        boxes: `float32 (N, 4)` xyxy in pixels of the frame, half-open, origin top left.
        classes: `uint8 (N,)`, `PERSON`, `SCREEN` or `VEHICLE`.
        is_held: `bool (N,)`, true where the object was not seen in this frame and is covered from memory.
    """

    ids: npt.NDArray[np.int64] = field(repr=False)
    boxes: npt.NDArray[np.float32] = field(repr=False)
    classes: npt.NDArray[np.uint8] = field(repr=False)
    is_held: npt.NDArray[np.bool_] = field(repr=False)

    def __post_init__(self) -> None:
        count = len(self.ids)
        for name, dtype, shape in (
            ("ids", np.int64, (count,)),
            ("boxes", np.float32, (count, 4)),
            ("classes", np.uint8, (count,)),
            ("is_held", np.bool_, (count,)),
        ):
            given = getattr(self, name)
            if given.dtype != dtype or given.shape != shape:
                raise ValueError(f"`{name}` must be {np.dtype(dtype).name} {shape}, got {given.dtype} {given.shape}.")

    def __len__(self) -> int:
        return len(self.ids)

    @classmethod
    def none(cls) -> "Tracks":
        """Nobody is followed."""
        return cls(
            ids=np.empty(0, np.int64),
            boxes=np.empty((0, 4), np.float32),
            classes=np.empty(0, np.uint8),
            is_held=np.empty(0, np.bool_),
        )


@dataclass(frozen=True, slots=True)
class MaskedFrame:
    """A frame in which everything that must be covered is covered, or that is withheld whole.

    Attributes:
        image: `uint8 (H, W, 3)` RGB, masked; one flat colour if withheld.
        index, pts_s, captured_at, discontinuity: as in the `RawFrame` it was made from.
        class_map: `uint8 (h, w)` at the network's own resolution (`BACKGROUND`, `PERSON`, `SCREEN`, `VEHICLE`)
            covering the whole frame; what detection sees. All `BACKGROUND` if withheld.
        tracks: who is followed, in pixels of `image`.
        withheld: why the frame is withheld, in words for the operator; empty if it is shown.
        mask_ms: time spent on masking this frame.
        mint: proof that the maker belongs to the masking package.
    """

    image: Image = field(repr=False)
    index: int
    pts_s: float
    captured_at: datetime
    class_map: npt.NDArray[np.uint8] = field(repr=False)
    tracks: Tracks = field(repr=False)
    discontinuity: bool = False
    withheld: str = ""
    mask_ms: float = 0.0
    mint: object = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        from inference.core.masking.mint import MINT  # here, as the mint's package imports this module

        if self.mint is not MINT:
            raise MaskingError("Only a masker makes a MaskedFrame; this caller is none.")
        check_image(self.image, "image")
        check_aware(self.captured_at, "captured_at")
        if self.class_map.dtype != np.uint8 or self.class_map.ndim != 2:
            raise ValueError(f"`class_map` must be uint8 (h, w), got {self.class_map.dtype} {self.class_map.shape}.")


def require_masked(frame: object) -> MaskedFrame:
    """Return `frame` if it is masked; the guard at the door of every sink.

    Raises:
        TypeError: anything but a `MaskedFrame` was given.
    """
    if not isinstance(frame, MaskedFrame):
        raise TypeError(f"Only a MaskedFrame may pass here, got {type(frame).__name__}.")
    return frame
