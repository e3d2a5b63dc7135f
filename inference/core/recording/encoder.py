"""H.264 in MP4 by PyAV (libx264), true time stamps. Private to this package: its callers take masked frames only.

The one exception is `inference.core.vault.encoding`, which writes no file: what it encodes stays in memory.
"""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final, Literal

import av
import numpy as np
from av.container import OutputContainer
from av.video.frame import PictureType, VideoFrame
from av.video.stream import VideoStream

from inference.core.errors import RecordingError
from inference.core.frames import Image

TICKS: Final = 90_000
"""Time stamps per second, the usual clock of video: fine enough for any camera's variable rate."""

MOVFLAGS: Final = {
    # Fragments are on disk as soon as they end; a file cut off anywhere plays up to its last whole fragment.
    "fragments": "frag_keyframe+empty_moov+default_base_moof",
    # The index stands first, so that a browser can seek before it has the whole file.
    "faststart": "faststart",
}
FRAGMENT_US: Final = 500_000
BT601: Final = 6
"""ISO/IEC 23091-2 code of the BT.601 (525 lines) matrix, the one swscale converts RGB with by default."""


@dataclass(frozen=True, slots=True)
class EncoderConfig:
    """How pictures are encoded.

    Attributes:
        layout: `fragments` survives a kill, `faststart` seeks best.
        preset, crf: libx264's speed and constant quality (0 best, 51 worst).
        keyframe_s: seconds between keyframes at most.
    """

    layout: Literal["fragments", "faststart"] = "fragments"
    preset: str = "veryfast"
    crf: int = 26
    keyframe_s: float = 1.0


class Encoder:
    """Writes one file of one size. Pictures of another size are scaled to the first one's."""

    def __init__(self, path: Path, width: int, height: int, fps: float, config: EncoderConfig) -> None:
        self.path = path
        self.width, self.height = width + width % 2, height + height % 2  # H.264 4:2:0 knows even sizes only
        self.frames = 0
        self._source_size = (height, width)
        self._config = config
        self._last_ticks = self._key_ticks = -1
        self._step = max(1, round(TICKS / fps))
        try:
            self._container, self._stream = self._open(fps)
        except (av.error.FFmpegError, OSError) as error:
            raise RecordingError(f"Cannot write {path.name}: {_reason(error)}.") from error

    def _open(self, fps: float) -> tuple[OutputContainer, VideoStream]:
        options = {"movflags": MOVFLAGS[self._config.layout]}
        if self._config.layout == "fragments":
            options |= {"frag_duration": str(FRAGMENT_US), "flush_packets": "1"}
        container = av.open(self._target(), "w", format="mp4", options=options)
        stream = container.add_stream("libx264", rate=max(1, round(fps)))
        stream.width, stream.height, stream.pix_fmt = self.width, self.height, "yuv420p"
        context = stream.codec_context
        context.time_base = Fraction(1, TICKS)
        context.colorspace, context.color_range = BT601, 1
        context.thread_count = 1
        context.gop_size = max(1, round(fps * self._config.keyframe_s * 4))
        options = {"preset": self._config.preset, "crf": str(self._config.crf), "forced-idr": "1"}
        # No frame waits inside the encoder: what is not written cannot survive a kill.
        context.options = options | ({"tune": "zerolatency"} if self._config.layout == "fragments" else {"bf": "0"})
        return container, stream

    def _target(self) -> Any:
        """Return where the library writes: a name, or something with a method `write`."""
        return str(self.path)

    def write(self, image: Image, at_s: float) -> None:
        """Append `uint8 (H, W, 3)` RGB, shown from `at_s` seconds after the file's start.

        Raises:
            RecordingError: the disk or the encoder refuses.
        """
        ticks = max(round(at_s * TICKS), self._last_ticks + 1)
        frame = VideoFrame.from_ndarray(self._even(image), format="rgb24")
        frame = frame.reformat(width=self.width, height=self.height, format="yuv420p", dst_color_range="MPEG")
        frame.pts, frame.time_base = ticks, Fraction(1, TICKS)
        is_key_due = self._key_ticks < 0 or ticks - self._key_ticks >= self._config.keyframe_s * TICKS
        frame.pict_type = PictureType.I if is_key_due else PictureType.NONE
        if is_key_due:
            self._key_ticks = ticks
        self._mux(frame)
        if self._last_ticks >= 0:
            self._step = ticks - self._last_ticks
        self._last_ticks = ticks
        self.frames += 1

    def close(self) -> None:
        """Finish the file.

        Raises:
            RecordingError: the rest cannot be written.
        """
        try:
            if self.frames:
                self._mux(None)
        finally:
            self._close_container()

    def abandon(self) -> None:
        """Let go of the file after an error; nothing more is written than what the library insists on."""
        try:
            self._close_container()
        except RecordingError:
            return

    def _close_container(self) -> None:
        try:
            self._container.close()
        except (av.error.FFmpegError, OSError) as error:
            raise RecordingError(f"Cannot finish {self.path.name}: {_reason(error)}.") from error

    def _mux(self, frame: VideoFrame | None) -> None:
        try:
            for packet in self._stream.encode(frame):
                packet.duration = self._step
                self._container.mux(packet)
        except (av.error.FFmpegError, OSError, ValueError) as error:
            raise RecordingError(f"Cannot write {self.path.name}: {_reason(error)}.") from error

    def _even(self, image: Image) -> Image:
        """Repeat the last row or column of a picture of odd size, so that no pixel is cut or shifted."""
        if image.shape[:2] != self._source_size or image.shape[:2] == (self.height, self.width):
            return image
        height, width = self._source_size
        return np.pad(image, ((0, self.height - height), (0, self.width - width), (0, 0)), mode="edge")


def _reason(error: Exception) -> str:
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__).rstrip(".")
