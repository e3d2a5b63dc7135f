"""Masked stills at even distances out of recorded masked segments."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

import simplejpeg

from inference.core.frames import check_aware
from inference.core.recording.clip import recorded_frames
from inference.core.recording.segments import Segment

QUALITY: Final = 92
"""Higher than that of a poster: a hand that shows is a few pixels."""


def recorded_stills(
    segments: Sequence[Segment], start_at: datetime, end_at: datetime, interval_s: float
) -> Iterator[tuple[datetime, bytes]]:
    """Give (capture time, JPEG) of the first frame in each `interval_s` of the half-open window; none in a gap.

    Raises:
        ValueError: `end_at` is not after `start_at`, a time is naive, or `interval_s` is not positive.
    """
    check_aware(start_at, "start_at")
    check_aware(end_at, "end_at")
    if end_at <= start_at:
        raise ValueError(f"`end_at` must be after `start_at`, got {end_at} and {start_at}.")
    if interval_s <= 0:
        raise ValueError(f"`interval_s` must be above 0, got {interval_s}.")
    next_at = start_at
    for captured_at, image in recorded_frames(segments, start_at, end_at):
        if captured_at < next_at or captured_at >= end_at:
            continue
        yield captured_at, simplejpeg.encode_jpeg(image, quality=QUALITY, colorspace="RGB")
        steps = (captured_at - start_at).total_seconds() // interval_s + 1
        next_at = start_at + timedelta(seconds=steps * interval_s)
