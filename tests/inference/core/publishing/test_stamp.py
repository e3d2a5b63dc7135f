"""The time in a live picture: legible, in a corner, and never in what is recorded or searched."""

import numpy as np
import pytest
import simplejpeg

from inference.core.publishing.jpeg import encode_jpeg
from tests.inference.frames import masked_frame


@pytest.mark.parametrize("width", [None, 320])
def test_the_time_stands_in_the_lower_left_corner_and_nowhere_else(width: int | None) -> None:
    frame = masked_frame(image=np.full((360, 640, 3), (96, 108, 130), np.uint8))
    before = frame.image.copy()
    plain = simplejpeg.decode_jpeg(encode_jpeg(frame, width=width, quality=95)).astype(int)
    stamped = simplejpeg.decode_jpeg(encode_jpeg(frame, width=width, quality=95, is_stamped=True)).astype(int)
    assert np.array_equal(frame.image, before), "recording and detection see the frame without it"
    changed = np.argwhere(np.abs(stamped - plain).max(axis=2) > 60)
    height, wide = plain.shape[:2]
    assert len(changed) > 50
    assert changed[:, 0].min() > height * 0.85
    assert changed[:, 1].max() < wide * 0.6


def test_another_second_is_another_picture() -> None:
    image = np.full((360, 640, 3), 90, np.uint8)
    first, later = (encode_jpeg(masked_frame(at_s=at_s, image=image), is_stamped=True) for at_s in (0.0, 1.0))
    assert first != later
