"""Frames for which a network's word means nothing: it would find nobody in them, and nobody would be covered.

Too dark, or empty (a covered lens); extremely blurred (`sharpness.py`); and for a moment after a cut or a movement of
the camera (`steadiness.py`). They are withheld; the reason is shown to operators and administrators as it stands here.
"""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from inference.core.frames import Image, RawFrame
from inference.core.masking.sharpness import Sharpness, sharpness
from inference.core.masking.steadiness import HEIGHT, MOVED, WIDTH, Steadiness, thumbnail

DARK_MEAN: Final = 10.0
"""Mean brightness (0-255) under which a frame may be too dark ..."""

DARK_PEAK: Final = 40.0
"""... if its brightest hundredth is under this as well (a street lamp keeps a night frame trustworthy)."""

FLAT_SPREAD: Final = 2.5
"""Standard deviation of brightness (0-255) under which the lens is covered, or the picture is a test card."""

COPY: Final = (320, 180)
"""Width and height of the grey copy in which all is measured. A frame smaller than that is judged alone: made larger,
it has no detail to measure, and its noise looks like structure."""

CALM_FRAMES: Final = 3
CALM_S: Final = 0.5
"""After a cut or a movement the picture must have been steady for both of these before it is shown again."""

SETTLED_S: Final = 3.0
"""Seen for longer than anybody is held by default, another view is the one to come back to (unless zones say no)."""

TURNED: Final = "the camera was turned: check its zones"
"""Zones are drawn on one view; on another they cover the wrong place."""

DARK: Final = "the picture is too dark"
EMPTY: Final = "the picture is empty (is the lens covered?)"


@dataclass(frozen=True, slots=True)
class Doubt:
    """What stands against one frame.

    Attributes:
        reason: why it has to be withheld, in words for people; empty if nothing stands against it.
        is_blind: whether a network sees nothing in it; if not, it may look, so that it knows who is there afterwards.
        is_elsewhere: whether what was learnt from earlier frames does not hold for it.
        is_new_stream: whether its time or size has nothing to do with that of earlier frames.
        is_back: whether the view of before the last such frame has returned, with what was learnt from it.
        is_late: whether frames of the last `WINDOW_S` deserve the same reason: a movement is noticed after it began.
    """

    reason: str = ""
    is_blind: bool = False
    is_elsewhere: bool = False
    is_new_stream: bool = False
    is_back: bool = False
    is_late: bool = False


def reason_to_distrust(grey: Image) -> str:
    """Return why a network's word on a frame, seen alone, means nothing; empty if it counts.

    Args:
        grey: `uint8 (h, w)`, its brightness.
    """
    mean, spread = (float(value.item()) for value in cv2.meanStdDev(grey))
    if mean < DARK_MEAN and np.quantile(grey, 0.99) < DARK_PEAK:
        return DARK
    return EMPTY if spread < FLAT_SPREAD else ""


class Trust:
    """Judges each frame of one stream by itself and by those before. About 0.3 ms at 640x360."""

    def __init__(self, *, has_zones: bool = False) -> None:
        """Start with nothing seen; with zones, another view than the first one is withheld until it returns."""
        self._has_zones = has_zones
        self._last: tuple[float, tuple[int, ...]] | None = None  # time and shape of the last frame
        self._steadiness = Steadiness()
        self._forget()

    @property
    def is_away(self) -> bool:
        """Whether the view is another one than before, and may come back."""
        return self._steadiness.is_away

    def resumed(self) -> "Trust":
        """Return one for a stream that begins anew, which expects the view of this one; no frame goes with it."""
        new = Trust(has_zones=self._has_zones)
        new._steadiness, new._unrest = self._steadiness.resumed(), self._unrest
        return new

    def judge(self, frame: RawFrame) -> Doubt:
        """Return what stands against the next frame."""
        is_new = self._last is not None and (
            frame.discontinuity or frame.pts_s < self._last[0] or frame.image.shape != self._last[1]
        )
        if is_new:
            self._forget()
        self._last = frame.pts_s, frame.image.shape
        height, width = frame.image.shape[:2]
        is_small = width < COPY[0] or height < COPY[1]
        image = frame.image if is_small else cv2.resize(frame.image, COPY, interpolation=cv2.INTER_AREA)
        grey = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), np.uint8)
        alone = reason_to_distrust(grey)
        if alone or is_small:
            return Doubt(alone, is_blind=bool(alone), is_elsewhere=is_new, is_new_stream=is_new)
        blurred, jump, is_back = self._compare(grey, frame.pts_s)
        return Doubt(
            blurred or self._unrest or (TURNED if self._has_zones and self.is_away else ""),
            is_blind=bool(blurred),
            is_elsewhere=is_new or bool(jump),
            is_new_stream=is_new,
            is_back=is_back,
            is_late=jump == MOVED,
        )

    def _forget(self) -> None:
        """Begin anew; with zones, still with the view they were drawn on: a camera may be turned while it is lost."""
        self._steadiness = self._steadiness.resumed() if self._has_zones else Steadiness()
        self._sharpness = Sharpness()
        self._unrest, self._calm_frames, self._jumped_at_s = "", 0, 0.0

    def _compare(self, grey: Image, pts_s: float) -> tuple[str, str, bool]:
        """Return why the frame is too blurred, how the view jumped (both empty if not), and whether it is back."""
        # Noise has no neighbours: what is left of it in a thumbnail follows from how much a pixel differs from its own.
        fine = cv2.norm(grey, cv2.blur(grey, (3, 3)), cv2.NORM_L2) / grey.size**0.5
        noise = fine * (WIDTH * HEIGHT / grey.size) ** 0.5
        half = cv2.resize(grey, (COPY[0] // 2, COPY[1] // 2), interpolation=cv2.INTER_AREA).astype(np.float32)
        small = cv2.resize(grey, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA).astype(np.float32)
        blurred = self._sharpness.blur(sharpness(half), pts_s)
        now = thumbnail(small, noise)
        jump = self._steadiness.jump(now, pts_s)
        self._calm(jump, pts_s)
        return blurred, jump, self._steadiness.is_back(now)

    def _calm(self, jump: str, pts_s: float) -> None:
        """Count how long the view has been steady."""
        if jump:
            self._unrest, self._calm_frames, self._jumped_at_s = jump, 0, pts_s
            return
        self._calm_frames += 1
        if self._calm_frames >= CALM_FRAMES and pts_s - self._jumped_at_s >= CALM_S - 1e-6:
            self._unrest = ""
        if not self._has_zones and self._calm_frames >= CALM_FRAMES and pts_s - self._jumped_at_s > SETTLED_S:
            self._steadiness.settle()
