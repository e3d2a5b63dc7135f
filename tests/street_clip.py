"""A short clip of a simulated street with one incident, for tests that need the real masker and detector to find it."""

from fractions import Fraction
from pathlib import Path

import av

from inference.training.simulation.config import Incident, SceneConfig
from inference.training.simulation.scene import simulate

FPS = 10


def write_street_clip(path: Path, *, seconds: float = 44.0, incident_at_s: float = 16.0) -> Path:
    """Write an H.264 clip (640x360, 10 fps, keyframe each second) of ordinary life in which a crowd runs apart."""
    scene = SceneConfig(
        seed=3,
        duration_s=seconds,
        fps=FPS,
        people=18,
        incidents=(Incident(kind="dispersal", start_s=incident_at_s, duration_s=8.0),),
    )
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = scene.width, scene.height, "yuv420p"
        stream.codec_context.gop_size = FPS
        stream.codec_context.options = {"preset": "veryfast", "tune": "zerolatency", "crf": "20"}
        for index, moment in enumerate(simulate(scene)):
            assert moment.image is not None
            frame = av.VideoFrame.from_ndarray(moment.image, format="rgb24")
            frame.pts, frame.time_base = index, Fraction(1, FPS)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path
