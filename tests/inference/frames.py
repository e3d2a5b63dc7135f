"""Frames made for tests: a textured ground with a moving block, raw or already masked."""

from datetime import UTC, datetime, timedelta

import numpy as np

from inference.core.frames import Image, MaskedFrame, RawFrame, Tracks
from inference.core.masking.mint import MINT

START = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)


def picture(index: int = 0, width: int = 64, height: int = 48) -> Image:
    """Return a picture that differs for each `index`."""
    image = np.full((height, width, 3), (70, 90, 110), np.uint8)
    left = (index * 3) % max(1, width - 10)
    image[height // 4 : height // 2, left : left + 10] = (220, 180, 40)
    return image


def raw_frame(index: int = 0, at_s: float | None = None, *, discontinuity: bool = False) -> RawFrame:
    """Return raw frame `index` of a stream at 10 frames per second."""
    at_s = index / 10 if at_s is None else at_s
    return RawFrame(picture(index), index, at_s, START + timedelta(seconds=at_s), discontinuity)


def masked_frame(
    index: int = 0,
    at_s: float | None = None,
    *,
    size: tuple[int, int] = (64, 48),
    withheld: str = "",
    discontinuity: bool = False,
    image: Image | None = None,
) -> MaskedFrame:
    """Return masked frame `index` of a stream at 10 frames per second; `size` is width, height."""
    at_s = index / 10 if at_s is None else at_s
    return MaskedFrame(
        image=picture(index, *size) if image is None else image,
        index=index,
        pts_s=at_s,
        captured_at=START + timedelta(seconds=at_s),
        class_map=np.zeros((9, 16), np.uint8),
        tracks=Tracks.none(),
        discontinuity=discontinuity,
        withheld=withheld,
        mint=MINT,
    )
