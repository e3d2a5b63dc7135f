"""What each form of the live view costs: bytes a frame and processor time to make it, over the same masked frames.

`python -m tests.load.live_view` masks one shot of a real street (640x360, 5 frames a second), encodes every frame in
each form in turn, and prints JSON.
"""

import argparse
import json
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2

from cameras.live import FILM_WIDTH, FULL_WIDTH, TILE_WIDTH
from inference.core.decode.reader import Reader
from inference.core.decode.source import SourceConfig
from inference.core.frames import MaskedFrame
from inference.core.masking.registry import create_masker
from inference.core.masking.stage import MaskingStage
from inference.core.pipeline import Pipeline
from inference.core.publishing.film import FilmEncoder
from inference.core.publishing.jpeg import encode_jpeg
from inference.sample_clip import write_shot

FPS = 5


class Encoded:
    """A sink that encodes each frame in every form and adds up what that takes."""

    def __init__(self) -> None:
        film = FilmEncoder(FILM_WIDTH)
        self._forms: dict[str, Callable[[MaskedFrame], bytes]] = {
            "full": lambda frame: encode_jpeg(frame, width=FULL_WIDTH, is_stamped=True),
            "tile": lambda frame: encode_jpeg(frame, width=TILE_WIDTH, is_stamped=True),
            "film": lambda frame: film.encode(frame).data,
        }
        self.frames = self.withheld = 0
        self.sizes = dict.fromkeys(self._forms, 0)
        self.cpu_s = dict.fromkeys(self._forms, 0.0)

    def write(self, frame: MaskedFrame) -> None:
        """Encode one frame."""
        self.frames += 1
        self.withheld += bool(frame.withheld)
        for name, encode in self._forms.items():
            started_s = time.thread_time()
            self.sizes[name] += len(encode(frame))
            self.cpu_s[name] += time.thread_time() - started_s

    def close(self) -> None:
        """Nothing to close."""


def measure(seconds: float) -> dict[str, Any]:
    """Return frames, and per form: bytes and milliseconds a frame, kilobits a second."""
    cv2.setNumThreads(1)
    encoded = Encoded()
    with tempfile.TemporaryDirectory(prefix="paca-live-") as folder:
        clip = Path(folder) / "camera.mp4"
        write_shot(clip)
        reader = Reader(SourceConfig(str(clip), target_fps=FPS, realtime=True))
        with MaskingStage(create_masker("paca-seg")) as stage:
            Pipeline(reader, stage, None, [encoded], None).run(threading.Event(), seconds)
    forms = {
        name: {
            "bytes_per_frame": round(size / encoded.frames),
            "kbit_per_s": round(size / encoded.frames * FPS * 8 / 1000),
            "cpu_ms_per_frame": round(encoded.cpu_s[name] / encoded.frames * 1000, 2),
        }
        for name, size in encoded.sizes.items()
    }
    return {"frames": encoded.frames, "withheld": encoded.withheld, **forms}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=30.0)
    print(json.dumps(measure(parser.parse_args().seconds), indent=2))  # noqa: T201
