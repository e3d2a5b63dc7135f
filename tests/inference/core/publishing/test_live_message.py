import subprocess
import sys

import numpy as np
import pytest
import simplejpeg

from inference.core.publishing.jpeg import encode_jpeg, pack_live
from inference.core.publishing.wire import unpack_live
from tests.inference.frames import START, masked_frame, raw_frame


def test_a_jpeg_shows_the_masked_frame_in_its_colours() -> None:
    image = np.full((90, 160, 3), (96, 108, 130), np.uint8)
    decoded = simplejpeg.decode_jpeg(encode_jpeg(masked_frame(image=image), quality=90))
    assert decoded.shape == (90, 160, 3)
    assert np.abs(decoded.astype(int) - image).max() <= 4


def test_a_jpeg_is_scaled_down_and_never_up() -> None:
    frame = masked_frame(size=(64, 48))
    assert simplejpeg.decode_jpeg_header(encode_jpeg(frame, width=32))[:2] == (24, 32)
    assert simplejpeg.decode_jpeg_header(encode_jpeg(frame, width=640))[:2] == (48, 64)


def test_a_raw_frame_is_never_published() -> None:
    with pytest.raises(TypeError, match="Only a MaskedFrame"):
        encode_jpeg(raw_frame())  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="Only a MaskedFrame"):
        pack_live(raw_frame(), b"")  # type: ignore[arg-type]


@pytest.mark.parametrize(("width", "quality"), [(0, 75), (64, 0), (64, 101)])
def test_impossible_sizes_and_qualities_are_refused(width: int, quality: int) -> None:
    with pytest.raises(ValueError, match="must be"):
        encode_jpeg(masked_frame(), width, quality)


def test_a_live_message_comes_out_as_it_went_in() -> None:
    frame = masked_frame(7, withheld="masking down: it is slow")
    header, jpeg = unpack_live(pack_live(frame, b"\xff\xd8picture", {"score": 0.25}))
    assert jpeg == b"\xff\xd8picture"
    assert (header.index, header.width, header.height) == (7, 64, 48)
    assert header.captured_at == frame.captured_at
    assert header.masked_at > START
    assert header.withheld == "masking down: it is slow"
    assert header.meta == {"score": 0.25}


@pytest.mark.parametrize(
    "message", [b"", b"\0\0", b"\xff\xff\xff\xff{}", b"\0\0\0\x09{}", b"\0\0\0\x02{}", b"\0\0\0\x02[]"]
)
def test_what_is_no_live_message_is_refused(message: bytes) -> None:
    with pytest.raises(ValueError, match=r"live message|Expecting"):
        unpack_live(message)


def test_unpacking_needs_no_picture_library() -> None:
    code = (
        "import sys, inference.core.publishing.wire;"
        "print(sorted({'cv2','simplejpeg','numpy','av','torch','openvino'} & set(sys.modules)))"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert shown.strip() == "[]"
