"""The two simulated street cameras of the demo site, written as video files with their truth beside them.

`python -m inference.training.simulation.demo NAME OUT.mp4` also writes `OUT.json`: which incident is when and where.
"""

import argparse
import json
import logging
import time
from dataclasses import asdict
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from tqdm import tqdm

from inference.core.errors import RecordingError
from inference.training.simulation.config import CameraSetup, Incident, SceneConfig
from inference.training.simulation.scene import SceneFrame, simulate

logger = logging.getLogger(__name__)

FPS = Fraction(25, 2)
CAMERAS: dict[str, SceneConfig] = {
    "torggata": SceneConfig(
        seed=11,
        duration_s=124.0,
        fps=float(FPS),
        people=15,
        camera=CameraSetup(height_m=5.2, tilt_deg=21.0, fov_deg=66.0, pan_deg=-8.0),
        light="day",
        incidents=(Incident("fight", 25.0, 15.0), Incident("fall", 78.0, 22.0)),
    ),
    "stasjon": SceneConfig(
        seed=6,
        duration_s=124.0,
        fps=float(FPS),
        people=18,
        camera=CameraSetup(height_m=6.4, tilt_deg=24.0, fov_deg=72.0, pan_deg=10.0),
        light="dusk",
        incidents=(Incident("dispersal", 35.0, 8.0),),
    ),
}
"""Loops of about two minutes; the first incident comes early enough to be a newcomer's first alert."""


def _region(frame: SceneFrame) -> list[float] | None:
    """Box around the people involved, xyxy as shares of the picture; None where none of them is in it."""
    involved = np.isin(frame.people.ids, frame.incident.ids)
    if not involved.any():
        return None
    boxes = frame.people.boxes[involved]
    height, width = frame.class_map.shape
    box = np.concatenate([boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)]) / (width, height, width, height)
    return [round(float(value), 4) for value in box]


def _truth(name: str, config: SceneConfig, regions: list[dict[str, object]]) -> dict[str, object]:
    incidents = [asdict(incident) | {"end_s": incident.start_s + incident.duration_s} for incident in config.incidents]
    return {
        "camera": name,
        "fps": config.fps,
        "duration_s": config.duration_s,
        "width": config.width,
        "height": config.height,
        "incidents": incidents,
        "regions": regions,
    }


def render_demo(name: str, out: Path) -> None:
    """Render one demo camera to `out` (H.264, mp4), and the truth to the same name with `.json`.

    The file appears whole or not at all: it is written beside `out` and renamed.

    Raises:
        ValueError: there is no demo camera of that name.
        RecordingError: the video cannot be encoded or written.
    """
    if name not in CAMERAS:
        raise ValueError(f"`name` must be one of {', '.join(sorted(CAMERAS))}, got {name!r}.")
    config = CAMERAS[name]
    out.parent.mkdir(parents=True, exist_ok=True)
    partial = out.with_name(f".{out.name}.partial")
    regions: list[dict[str, object]] = []
    total = round(config.duration_s * config.fps)
    try:
        with av.open(str(partial), "w", format="mp4", options={"movflags": "+faststart"}) as container:
            stream = container.add_stream("libx264", rate=FPS)
            stream.width, stream.height, stream.pix_fmt = config.width, config.height, "yuv420p"
            stream.codec_context.thread_count = 1
            stream.gop_size = 25
            stream.options = {"preset": "superfast", "crf": "24"}
            for index, frame in enumerate(tqdm(simulate(config), total=total, desc=f"rendering {name}", unit="frame")):
                if frame.image is None:
                    raise RecordingError(f"The simulator gave no picture for {name} at {frame.time_s:.2f} s.")
                picture = av.VideoFrame.from_ndarray(frame.image, format="rgb24")
                picture.pts, picture.time_base = index, 1 / FPS
                container.mux(stream.encode(picture))
                region = _region(frame) if frame.incident.label and index % 6 == 0 else None
                if region:
                    regions.append({"time_s": round(frame.time_s, 3), "box": region})
            container.mux(stream.encode(None))
        out.with_suffix(".json").write_text(json.dumps(_truth(name, config, regions), indent=1) + "\n")
        partial.replace(out)
    except (av.FFmpegError, OSError) as error:
        raise RecordingError(f"The demo camera {name} cannot be written to {out}: {error}") from error
    finally:
        partial.unlink(missing_ok=True)


def main() -> None:
    """Read the command line and render."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", choices=sorted(CAMERAS))
    parser.add_argument("out", type=Path, help="mp4 file to write")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    cv2.setNumThreads(1)
    started = time.monotonic()
    render_demo(arguments.name, arguments.out)
    logger.info("%s written in %.1f s", arguments.out, time.monotonic() - started)


if __name__ == "__main__":
    main()
