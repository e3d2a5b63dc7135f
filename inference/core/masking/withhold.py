"""A withheld frame: one flat colour in place of a picture that cannot be masked with certainty."""

from typing import Final

import numpy as np

from inference.core.frames import MaskedFrame, RawFrame, Tracks
from inference.core.masking.mint import MINT

WITHHELD_COLOUR: Final = (38, 38, 44)
"""RGB; neither black (a dead camera) nor the silhouettes' colour."""

DOWN: Final = "masking down: "
"""How every reason begins, so that the control room needs to know only one word."""


def withhold(raw: RawFrame, reason: str, mask_ms: float = 0.0) -> MaskedFrame:
    """Return a frame of `raw`'s size and time without a single pixel of it.

    Args:
        raw: the frame that is not shown; only its shape and times are read.
        reason: why, in words for the operator; "masking down: " is put before it.
        mask_ms: milliseconds spent before giving up.
    """
    height, width = raw.image.shape[:2]
    image = np.empty((height, width, 3), np.uint8)
    image[:] = WITHHELD_COLOUR
    return MaskedFrame(
        image=image,
        index=raw.index,
        pts_s=raw.pts_s,
        captured_at=raw.captured_at,
        class_map=np.zeros((max(1, height // 4), max(1, width // 4)), np.uint8),
        tracks=Tracks.none(),
        discontinuity=raw.discontinuity,
        withheld=DOWN + reason.removeprefix(DOWN),
        mask_ms=mask_ms,
        mint=MINT,
    )
