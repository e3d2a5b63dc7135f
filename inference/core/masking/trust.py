"""Frames that tell a network nothing: it would find nobody in them, and nobody would be covered."""

from typing import Final

import numpy as np

from inference.core.frames import Image

DARK_MEAN: Final = 10.0
"""Mean brightness (0-255) under which a frame may be too dark ..."""

DARK_PEAK: Final = 40.0
"""... if its brightest hundredth is under this as well (a street lamp keeps a night frame trustworthy)."""

FLAT_SPREAD: Final = 2.5
"""Standard deviation of brightness (0-255) under which the lens is covered, or the picture is a test card."""

STEP: Final = 4
"""Every fourth pixel each way is enough to tell, and costs a sixteenth."""


def reason_to_distrust(image: Image) -> str:
    """Return why a network's word on `image` (`uint8 (H, W, 3)`) means nothing; empty if nothing is wrong."""
    brightness = image[::STEP, ::STEP].mean(axis=2, dtype=np.float32)
    if brightness.mean() < DARK_MEAN and np.quantile(brightness, 0.99) < DARK_PEAK:
        return "the picture is too dark"
    if brightness.std() < FLAT_SPREAD:
        return "the picture is empty (is the lens covered?)"
    return ""
