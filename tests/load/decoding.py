"""What it costs to decode a camera of which 5 of 25 frames are wanted, with and without the frames nobody refers to.

`python -m tests.load.decoding` makes one film per kind (1280x720, 25 frames a second), reads each at real
speed through `FrameSource`, once decoding everything and once skipping, in turns, and prints JSON: seconds of processor
per second of video. Kinds: a camera with frames between references (`b`), one whose every frame is referred to (`p`).
"""

import argparse
import json
import tempfile
import time
from fractions import Fraction
from pathlib import Path
from unittest.mock import patch

import av
import numpy as np

from inference.core.decode import thrift
from inference.core.decode.source import SourceConfig, open_source

FPS, WIDTH, HEIGHT = 25, 1280, 720
TURNS = 3


def make_video(path: Path, seconds: int, b_frames: int) -> None:
    """Write a film of a textured ground, moving shapes and sensor noise."""
    chance = np.random.default_rng(5)
    ground = np.kron(
        chance.integers(60, 160, (HEIGHT // 8, WIDTH // 8, 3), dtype=np.uint8), np.ones((8, 8, 1), np.uint8)
    )
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        context = stream.codec_context
        context.gop_size, context.time_base = FPS * 2, Fraction(1, FPS)
        context.options = {"preset": "veryfast", "bf": str(b_frames), "b-pyramid": "none", "b-adapt": "0", "crf": "23"}
        for index in range(seconds * FPS):
            image = ground + chance.integers(0, 6, (HEIGHT, WIDTH, 1), dtype=np.uint8)
            for shape in range(6):
                left = (index * (4 + shape) + shape * 200) % (WIDTH - 80)
                image[100 + shape * 80 : 240 + shape * 80, left : left + 60] = 30 + shape * 30
            frame = av.VideoFrame.from_ndarray(image, format="rgb24")
            frame.pts, frame.time_base = index, Fraction(1, FPS)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def read_once(path: Path) -> tuple[float, int]:
    """Read the film at real speed, 5 frames a second. Returns seconds of processor and frames given."""
    started_s = time.process_time()
    with open_source(SourceConfig(str(path), target_fps=5, realtime=True)) as source:
        count = sum(1 for _ in source)
    return time.process_time() - started_s, count


def measure(seconds: int) -> dict[str, dict[str, float]]:
    """Measure both kinds, in turns with and without skipping."""
    report: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory(prefix="paca-decoding-") as folder:
        for kind, b_frames in (("b", 2), ("p", 0)):
            path = Path(folder) / f"{kind}.mp4"
            make_video(path, seconds, b_frames)
            rows: dict[str, list[tuple[float, int]]] = {"all": [], "skipping": []}
            for _ in range(TURNS):
                rows["skipping"].append(read_once(path))
                with patch.object(thrift, "CODECS", frozenset()):
                    rows["all"].append(read_once(path))
            report[kind] = {
                **{f"{way}_cores": round(min(cost for cost, _ in found) / seconds, 3) for way, found in rows.items()},
                **{f"{way}_frames": found[0][1] for way, found in rows.items()},
            }
    return report


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=10)
    print(json.dumps(measure(parser.parse_args().seconds), indent=1))  # noqa: T201


if __name__ == "__main__":
    main()
