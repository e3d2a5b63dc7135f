"""Notices extreme blur: a lens breathed on, sprayed, out of focus; a network finds few people through it.

The measure is the spread of the Laplacian of a small grey copy over the spread of its brightness: how much of the
contrast is in detail of a few cells. It does not change with the light, and noise cannot lower it.

Source: variance of the Laplacian (Pech-Pacheco et al., ICPR 2000, doi 10.1109/ICPR.2000.903548), divided by the
contrast; limits our own (docs/masking.md has the figures).
"""

from math import exp, log
from typing import Final

import cv2

from inference.core.masking.steadiness import Grey

FLOOR: Final = 0.1
"""Under this no camera is sharp enough. Ordinary clips have .43 to 1.3; a Gaussian blur of 8 pixels in a frame of
640x360 leaves .06 to .14, one of 12 pixels .04 to .12."""

SHARE_OF_USUAL: Final = 0.25
"""Under this share of the camera's own usual sharpness something has happened to its lens."""

USUAL_OVER_S: Final = 60.0
"""The usual is a mean over about so long, so that dusk, fog and a lens that stays as it is become usual."""

BLURRED: Final = "the picture is extremely blurred"


def sharpness(grey: Grey) -> float:
    """Return the sharpness of `float32 (h, w)`, 0 or more."""
    detail, contrast = (cv2.meanStdDev(one)[1].item() for one in (cv2.Laplacian(grey, cv2.CV_32F), grey))
    return float(detail) / max(1.0, float(contrast))


class Sharpness:
    """Compares each frame of one stream with what is usual there."""

    def __init__(self) -> None:
        """Start with nothing usual."""
        self._usual: float | None = None
        self._at_s = 0.0

    def blur(self, value: float, pts_s: float) -> str:
        """Return `BLURRED` if a frame of sharpness `value` cannot be trusted; empty if it can.

        Args:
            value: of `sharpness`.
            pts_s: stream time, never earlier than that of the last call.
        """
        level = log(max(value, 1e-6))
        if value < FLOOR:
            return BLURRED  # and never becomes usual
        usual = level if self._usual is None else self._usual
        gain = 1.0 - exp(-(pts_s - self._at_s) / USUAL_OVER_S)
        self._usual, self._at_s = usual + gain * (level - usual), pts_s
        return BLURRED if level < usual + log(SHARE_OF_USUAL) else ""
