"""Masked frames as one running H.264 film, for live views on a narrow line: a few kilobytes a frame, not some tens."""

from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from typing import Any, Final

import av
import cv2
from av.codec import CodecContext
from av.video.frame import PictureType, VideoFrame

from inference.core.errors import RecordingError
from inference.core.frames import Image, MaskedFrame, require_masked
from inference.core.publishing.jpeg import stamped

TICKS: Final = 90_000
KEY_EVERY_S: Final = 2.0
"""Somebody who comes waits for the next key, so long at most."""
OPTIONS: Final = {
    "preset": "veryfast",
    "tune": "zerolatency",
    "profile": "baseline",
    "level": "3.1",
    "crf": "28",
    "forced-idr": "1",
    "x264-params": "keyint=infinite:scenecut=0",
}
SEQUENCE_PARAMETERS: Final = 7
"""Type of the NAL unit whose first three bytes name profile and level (ISO/IEC 14496-10, 7.3.2.1)."""


@dataclass(frozen=True, slots=True)
class FilmFrame:
    """One frame of a film.

    Attributes:
        data: H.264 in Annex B form, ready to be decoded after the frames since the last key.
        is_key: it can be decoded without those before it, and carries all parameters.
        codec: what a browser calls it (RFC 6381), such as `avc1.42c01e`.
    """

    data: bytes = field(repr=False)
    is_key: bool
    codec: str


class FilmEncoder:
    """Encodes one camera's masked frames, each as soon as it comes, at most `width` pixels wide, the time burnt in.

    A frame of another size begins the film anew.
    """

    def __init__(self, width: int) -> None:
        if width < 16:
            raise ValueError(f"`width` must be at least 16 px, got {width}.")
        self._width = width
        self._context: Any = None
        self._size = (0, 0)
        self._began_at: datetime | None = None
        self._last_ticks = self._key_ticks = -1
        self._codec = ""

    def encode(self, frame: MaskedFrame) -> FilmFrame:
        """Encode one frame.

        Raises:
            TypeError: the frame is not masked.
            RecordingError: the encoder refuses.
        """
        image = stamped(self._fitting(require_masked(frame).image), frame.captured_at)
        try:
            return self._encode(image, frame.captured_at)
        except av.error.FFmpegError as error:
            self._context = None  # the next frame begins anew
            raise RecordingError(f"A live frame cannot be encoded: {type(error).__name__}.") from error

    def _fitting(self, image: Image) -> Image:
        """Scale down to `width`, with even sides, as 4:2:0 knows no others."""
        height, width = image.shape[:2]
        scale = min(1.0, self._width / width)
        size = tuple(max(2, round(side * scale) // 2 * 2) for side in (width, height))
        if size == (width, height):
            return image
        return cv2.resize(image, size, interpolation=cv2.INTER_AREA).astype("uint8", copy=False)

    def _encode(self, image: Image, captured_at: datetime) -> FilmFrame:
        height, width = image.shape[:2]
        if self._context is None or self._began_at is None or self._size != (width, height):
            self._context, self._size, self._began_at = _opened(width, height), (width, height), captured_at
            self._last_ticks = self._key_ticks = -1
        ticks = max(round((captured_at - self._began_at).total_seconds() * TICKS), self._last_ticks + 1)
        is_key = self._key_ticks < 0 or ticks - self._key_ticks >= KEY_EVERY_S * TICKS
        picture = VideoFrame.from_ndarray(image, format="rgb24").reformat(format="yuv420p", dst_color_range="MPEG")
        picture.pts, picture.time_base = ticks, Fraction(1, TICKS)
        picture.pict_type = PictureType.I if is_key else PictureType.NONE
        data = b"".join(bytes(packet) for packet in self._context.encode(picture))
        self._last_ticks = ticks
        if is_key:
            self._key_ticks, self._codec = ticks, codec_name(data)
        return FilmFrame(data, is_key, self._codec)


def _opened(width: int, height: int) -> Any:
    context: Any = CodecContext.create("libx264", "w")
    context.width, context.height, context.pix_fmt = width, height, "yuv420p"
    context.time_base = Fraction(1, TICKS)
    context.colorspace, context.color_range = 6, 1
    context.thread_count = 1
    context.options = dict(OPTIONS)
    return context


def codec_name(data: bytes) -> str:
    """Return how a browser names the H.264 that starts with these bytes (Annex B, with its sequence parameters).

    Raises:
        RecordingError: there are none in it.
    """
    for part in data.split(b"\x00\x00\x01")[1:]:
        if part[0] & 0x1F == SEQUENCE_PARAMETERS:
            return f"avc1.{part[1:4].hex()}"
    raise RecordingError("A key frame came without its parameters.")
