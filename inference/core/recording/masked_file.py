"""Write masked frames into one video file, as the command line does: full rate, true times, no audio, no metadata."""

import os
from pathlib import Path

from inference.core.errors import RecordingError
from inference.core.frames import MaskedFrame, require_masked
from inference.core.recording.encoder import TICKS, Encoder, EncoderConfig


class MaskedFile:
    """A sink that makes one seekable MP4. The file gets its name when it is whole; `discard()` leaves none."""

    def __init__(
        self, path: Path, preset: str = "veryfast", crf: int = 20, size: tuple[int, int] | None = None
    ) -> None:
        """Prepare to write `path`, which must not exist.

        Args:
            path: an .mp4 file.
            preset: libx264's speed.
            crf: libx264's constant quality (0 best, 51 worst).
            size: width, height (pixels) that every frame is scaled to; None takes the first frame's.

        Raises:
            RecordingError: `path` exists, is no .mp4, or its folder is missing.
        """
        if path.suffix.lower() != ".mp4":
            raise RecordingError(f"The output must be an .mp4 file, got {path.name!r}.")
        if path.exists():
            raise RecordingError(f"{path} exists already; it is not overwritten.")
        if not path.parent.is_dir():
            raise RecordingError(f"There is no folder {str(path.parent)!r} to write into.")
        self.path = path
        self.size = size
        self._part = path.with_name(f".{path.name}.{os.getpid()}.part")
        self._fps = 25.0
        self._config = EncoderConfig("faststart", preset, crf)
        self._encoder: Encoder | None = None
        self._start_s = 0.0

    def set_fps(self, fps: float) -> None:
        """Say what rate to expect (before the first frame); true times are kept whatever comes."""
        self._fps = fps

    def write(self, frame: MaskedFrame) -> None:
        """Append one frame at its stream time.

        Raises:
            TypeError: the frame is not masked.
            RecordingError: the disk or the encoder refuses.
        """
        require_masked(frame)
        if self._encoder is None:
            height, width = frame.image.shape[:2]
            self.size = self.size or (width, height)
            self._encoder = Encoder(self._part, *self.size, self._fps, self._config)
            # On the encoder's clock, so that files that continue each other add up to the exact times.
            self._start_s = round(frame.pts_s * TICKS) / TICKS
        self._encoder.write(frame.image, frame.pts_s - self._start_s)

    def close(self) -> None:
        """Finish the file, wait until it is on the disk, and give it its name.

        Raises:
            RecordingError: it cannot be finished, or something else took its name meanwhile.
        """
        encoder, self._encoder = self._encoder, None
        if encoder is None:
            return
        encoder.close()
        try:
            with self._part.open("rb") as file:
                os.fsync(file.fileno())
            if self.path.exists():
                raise RecordingError(f"{self.path} exists already; it is not overwritten.")
            self._part.replace(self.path)
        finally:
            self._part.unlink(missing_ok=True)

    def discard(self) -> None:
        """Give up: close and delete what was written."""
        if self._encoder is not None:
            self._encoder.abandon()
            self._encoder = None
        self._part.unlink(missing_ok=True)
