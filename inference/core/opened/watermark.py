"""The watermark of released footage: who watches, when and which release, burnt into every frame."""

import unicodedata
from datetime import UTC, datetime
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image as Pictures
from PIL import ImageDraw, ImageFont

from inference.core.frames import Image

TILT_DEG: Final = 20
OPACITY: Final = 0.45
"""Of the tilted words: the picture stays readable, and no crop of it is without them."""
STRIP_ROWS: Final = 18
LEAST_SIZE: Final = 12


SPELLED: Final = str.maketrans(
    {
        "å": "aa", "ø": "oe", "æ": "ae", "ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "đ": "d", "ł": "l", "þ": "th",
        "Å": "Aa", "Ø": "Oe", "Æ": "Ae", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "Đ": "D", "Ł": "L", "Þ": "Th", "ð": "d",
    }
)  # fmt: skip
"""The font that comes with Pillow has ASCII only; a passport spells names so too (ICAO Doc 9303, part 3, section 6)."""


def spelled(words: str) -> str:
    """Return words in ASCII; what has no spelling becomes a question mark, and the account's name stands beside it."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFC", words).translate(SPELLED))
    return "".join(sign for sign in plain if not unicodedata.combining(sign)).encode("ascii", "replace").decode()


class Watermark:
    """Marks frames of one size; the words are drawn once, the footage's time on every frame."""

    def __init__(self, words: str, width: int, height: int) -> None:
        """Draw the words over the whole picture.

        Args:
            words: name of the viewer, release and time of viewing.
            width: pixels.
            height: pixels.

        Raises:
            ValueError: there are no words.
        """
        if not words.strip():
            raise ValueError("`words` must say who watches, got nothing.")
        words = spelled(words)
        self._width, self._height, self._words = width, height, words
        font = ImageFont.load_default(max(LEAST_SIZE, height // 22))
        side = int(np.hypot(width, height)) + 1
        sheet = Pictures.new("L", (side, side))
        draw = ImageDraw.Draw(sheet)
        line = f"{words}    "
        step = max(3 * LEAST_SIZE, height // 7)
        row = line * (2 + side // max(1, int(font.getlength(line))))
        for number, top in enumerate(range(0, side, step)):
            draw.text((-(number % 3) * font.getlength(line) / 3, top), row, fill=255, font=font)
        turned = sheet.rotate(TILT_DEG, resample=Pictures.Resampling.BILINEAR)
        left, top = (side - width) // 2, (side - height) // 2
        covered = np.asarray(turned.crop((left, top, left + width, top + height)), np.float32) / 255
        self._inked = np.nonzero(covered)  # about a tenth of the pixels
        self._weight: npt.NDArray[np.float32] = (covered[self._inked][:, None] * OPACITY).astype(np.float32)

    def mark(self, image: Image, at: datetime) -> Image:
        """Return a marked copy of `image`, `uint8 (height, width, 3)` RGB, filmed at `at` (aware).

        Light words on dark pixels and dark ones on light pixels, so that they show on any picture.

        Raises:
            ValueError: the picture has another size.
        """
        if image.shape != (self._height, self._width, 3):
            raise ValueError(f"`image` must be ({self._height}, {self._width}, 3), got {image.shape}.")
        below = image[self._inked].astype(np.float32)
        ink = np.where(below.mean(axis=1, keepdims=True) > 127, np.float32(0), np.float32(255))
        marked = image.copy()
        marked[self._inked] = (below + (ink - below) * self._weight).astype(np.uint8)
        strip = Pictures.new("RGB", (self._width, STRIP_ROWS))
        text = f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}"[:-5] + f" UTC  {self._words}"
        ImageDraw.Draw(strip).text((4, 2), text, fill=(255, 255, 255), font=ImageFont.load_default(LEAST_SIZE))
        rows = min(STRIP_ROWS, self._height)
        marked[-rows:] = np.asarray(strip)[:rows]
        return marked
