"""Films drawn for the tests of `mask`: a pattern that stands for people, in any container, at any times."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.stream import VideoStream

from inference.__main__ import main

SECRET = "N59.9139 E10.7522 serial 4711-SECRET"
"""Stands for everything a file may say about where and with what it was filmed."""
LIME = (0, 250, 0)
CODECS = {".webm": "libvpx-vp9", ".avi": "mpeg4", ".gif": "gif"}
LAYOUTS = {".gif": "rgb8"}


def film(
    path: Path,
    times_s: Sequence[float],
    *,
    size: tuple[int, int] = (96, 64),
    clock: int = 1000,
    rotation: int = 0,
) -> Path:
    """Write one frame of moving lime stripes for each of `times_s` (seconds), in the format of the suffix."""
    width, height = size
    stripes = (np.indices((height, width)).sum(axis=0) // 8) % 2
    image = np.where(stripes[..., None] == 0, LIME, (30, 30, 30)).astype(np.uint8)
    with av.open(str(path), "w") as container:
        stream = container.add_stream(CODECS.get(path.suffix, "libx264"), rate=25)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = width, height, LAYOUTS.get(path.suffix, "yuv420p")
        if width % 2 or height % 2:
            stream.pix_fmt = "yuv444p"
        stream.codec_context.time_base = Fraction(1, clock if path.suffix != ".avi" else 25)
        if path.suffix not in CODECS:
            stream.codec_context.options = {"preset": "ultrafast"}
        if rotation:
            stream.set_display_rotation(rotation)
        for index, at_s in enumerate(times_s):
            frame = av.VideoFrame.from_ndarray(np.roll(image, index, axis=1), format="rgb24")
            frame = frame.reformat(format=stream.pix_fmt)
            frame.time_base = stream.codec_context.time_base
            frame.pts = round(at_s / frame.time_base)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def even(seconds: float, fps: int = 25) -> list[float]:
    """Return the times of a constant rate."""
    return [index / fps for index in range(round(seconds * fps))]


def with_everything_but_video(silent: Path, out: Path) -> Path:
    """Add to a film what must never come through: sound, subtitles, a chapter, an attachment, and titles everywhere."""
    with av.open(str(silent)) as source, av.open(str(out), "w") as container:
        container.metadata.update(
            {"title": SECRET, "location": SECRET, "encoder": SECRET, "creation_time": "2026-01-02"}
        )
        container.set_chapters(
            [{"id": 1, "start": 0, "end": 500, "time_base": Fraction(1, 1000), "metadata": {"title": SECRET}}]
        )
        video = container.add_stream_from_template(source.streams.video[0])
        video.metadata.update({"title": SECRET, "language": "nor"})
        sound = container.add_stream("aac", rate=8000)
        sound.metadata["title"] = SECRET
        container.add_attachment("serial.txt", "text/plain", SECRET.encode())
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = video
                container.mux(packet)
        samples = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        samples.sample_rate = 8000
        container.mux(sound.encode(samples))
        container.mux(sound.encode(None))
    return out


def mask(source: Path | str, out: Path, *more: str) -> int:
    """Run `mask` with the masker that needs no network."""
    return main(["mask", str(source), str(out), "--masker", "cover-all", *more])


def times_of(path: Path) -> list[float]:
    """Return the times of all frames of a film in seconds."""
    with av.open(str(path)) as container:
        return [float(frame.time) for frame in container.decode(video=0) if frame.time is not None]


def shows_the_pattern(path: Path) -> bool:
    """Whether any frame has pixels of the pattern's colour."""
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            pixels = frame.to_ndarray(format="rgb24").reshape(-1, 3).astype(np.int16)
            if (np.abs(pixels - np.array(LIME)).max(axis=1) < 70).mean() > 0.002:
                return True
    return False
