"""Searches files for unmasked pictures: as rows of pixels, as pieces of the camera's stream, and by decoding them."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import av
import av.error
import numpy as np
import simplejpeg

MAGENTA = np.array((250, 0, 250), np.int16)
WINDOW = 8
"""Bytes that are looked up at once; a hit is compared over the whole needle."""
NEEDLE = 48
"""16 pixels of RGB, or as much of a compressed stream."""
MOST_BYTES = 1 << 28
LEAST_FILE = 256
LEAST_SIDE = 32
FORMATS = frozenset(
    (
        *("mov", "mp4", "matroska", "webm", "avi", "mpegts", "mpeg", "h264", "hevc", "m4v", "ivf", "flv", "asf"),
        *("ogg", "gif", "mjpeg", "image2", "jpeg_pipe", "png_pipe", "webp_pipe", "bmp_pipe", "tiff_pipe"),
    )
)
"""What FFmpeg must take a file for: it takes some files of a database for pictures in formats of old games."""
JPEG_START, JPEG_END = b"\xff\xd8\xff", b"\xff\xd9"


def pattern_share(image: np.ndarray) -> float:
    """Return the share of a picture that has the colour of the people's clothes; coding smears it a little."""
    pixels = image.astype(np.int16)
    close = (np.abs(pixels - MAGENTA) < (90, 110, 90)).all(axis=2) & (pixels[..., 1] < pixels[..., 0] - 60)
    return float(close.mean())


@dataclass
class Needles:
    """What is searched for in raw bytes."""

    whole: dict[int, list[bytes]] = field(default_factory=dict)

    def add(self, needle: bytes) -> None:
        """Add `NEEDLE` bytes, unless they are too plain to mean anything."""
        if len(needle) == NEEDLE and len(set(needle)) > NEEDLE // 3:
            self.whole.setdefault(int.from_bytes(needle[:WINDOW], "little"), []).append(needle)

    def found_in(self, content: bytes) -> int:
        """Return how many places of `content` hold a needle."""
        if len(content) < NEEDLE or not self.whole:
            return 0
        starts, count = np.array(sorted(self.whole), np.uint64), 0
        for shift in range(WINDOW):
            windows = np.frombuffer(content, np.uint64, (len(content) - shift) // WINDOW, shift)
            places = np.minimum(np.searchsorted(starts, windows), len(starts) - 1)
            for index in np.flatnonzero(starts[places] == windows):
                at = shift + int(index) * WINDOW
                found = content[at : at + NEEDLE]
                count += found in self.whole[int(windows[index])]
        return count


def needles_of(clip: Path, every: int = 5) -> Needles:
    """Return rows of people in the clip, in RGB, BGR and luma, and pieces of its compressed stream."""
    needles = Needles()
    with av.open(str(clip)) as container:
        for number, frame in enumerate(container.decode(video=0)):
            if number % every:
                continue
            image = frame.to_ndarray(format="rgb24")
            for row, column in _places(image):
                part = image[row, column : column + NEEDLE // 3]
                needles.add(part.tobytes())
                needles.add(part[:, ::-1].tobytes())
            luma = frame.to_ndarray(format="gray")
            for row, column in _places(image):
                needles.add(luma[row, column : column + NEEDLE].tobytes())
    content = clip.read_bytes()
    for at in range(4096, len(content) - NEEDLE, 997):
        needles.add(content[at : at + NEEDLE])
    return needles


def _places(image: np.ndarray) -> Iterator[tuple[int, int]]:
    """Give places in the middle of people, at most 12 a picture."""
    pixels = image.astype(np.int16)
    rows, columns = np.nonzero(np.abs(pixels - MAGENTA).max(axis=2) < 80)
    for index in range(0, len(rows), max(1, len(rows) // 12)):
        if columns[index] + NEEDLE < image.shape[1]:
            yield int(rows[index]), int(columns[index])


def pictures_of(path: Path) -> list[np.ndarray]:
    """Return every fifth picture of a file that is a film or a picture; none of others."""
    if path.stat().st_size < LEAST_FILE:
        return []
    try:
        with av.open(str(path)) as container:
            if not container.streams.video or not set(container.format.name.split(",")) & FORMATS:
                return []
            pictures = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)][::5]
            return [picture for picture in pictures if min(picture.shape[:2]) >= LEAST_SIDE]
    except (av.error.FFmpegError, ValueError, OSError, IndexError):
        return []


def jpegs_in(content: bytes) -> Iterator[np.ndarray]:
    """Give the JPEG pictures that lie anywhere in `content`."""
    at = content.find(JPEG_START)
    while at >= 0:
        end = content.find(JPEG_END, at)
        if end < 0:
            return
        with suppress(ValueError):
            yield simplejpeg.decode_jpeg(content[at : end + 2])
        at = content.find(JPEG_START, at + 3)


def contents(paths: Iterable[Path]) -> Iterator[tuple[Path, bytes]]:
    """Give each file in pieces of at most 256 MiB that overlap, so that nothing lies on a seam."""
    for path in paths:
        with path.open("rb") as file:
            before = b""
            while piece := file.read(MOST_BYTES):
                yield path, before + piece
                before = piece[-NEEDLE:]
