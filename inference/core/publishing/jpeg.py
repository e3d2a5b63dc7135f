"""Masked frames as JPEG, for the live view and for snapshots."""

from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Final

import cv2
import simplejpeg

from inference.core.frames import Image, MaskedFrame, require_masked
from inference.core.publishing.wire import LiveHeader, join_live

NO_META: Final[Mapping[str, Any]] = MappingProxyType({})


def encode_jpeg(frame: MaskedFrame, width: int | None = None, quality: int = 75, *, is_stamped: bool = False) -> bytes:
    """Encode a masked frame, scaled down to `width` pixels if it is wider (never up).

    With `is_stamped` the time at which the frame was received (UTC) stands in its lower left corner, so that a picture
    that stands still, or travels without its page, tells how old it is.

    Raises:
        TypeError: the frame is not masked.
        ValueError: width or quality out of range.
    """
    image = require_masked(frame).image
    if not 1 <= quality <= 100:
        raise ValueError(f"`quality` must be 1-100, got {quality}.")
    if width is not None and width < 16:
        raise ValueError(f"`width` must be at least 16 px, got {width}.")
    if width is not None and width < image.shape[1]:
        height = max(1, round(image.shape[0] * width / image.shape[1]))
        image = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA).astype("uint8", copy=False)
    if is_stamped:
        image = stamped(image, frame.captured_at)
    jpeg: bytes = simplejpeg.encode_jpeg(image, quality=quality, colorspace="RGB", colorsubsampling="420")
    return jpeg


def stamped(image: Image, captured_at: datetime) -> Image:
    """Return a copy of `uint8 (H, W, 3)` with the time (UTC), white on black, in the lower left corner."""
    text = f"{captured_at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    scale = max(0.3, image.shape[1] / 1600)
    (width, height), below = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, scale, 1)
    copy, bottom = image.copy(), image.shape[0]
    copy[bottom - height - below - 4 :, : width + 6] = 0
    place = 3, bottom - below - 1
    cv2.putText(copy, text, place, cv2.FONT_HERSHEY_SIMPLEX, scale, (255, 255, 255), 1, cv2.LINE_AA)
    return copy


def pack_live(frame: MaskedFrame, picture: bytes, meta: Mapping[str, Any] = NO_META) -> bytes:
    """Make the live message of a masked frame and its encoded picture; `masked_at` is now.

    Raises:
        TypeError: the frame is not masked.
    """
    require_masked(frame)
    height, width = frame.image.shape[:2]
    header = LiveHeader(frame.index, frame.captured_at, datetime.now(UTC), frame.withheld, width, height, meta)
    return join_live(header, picture)
