"""Milliseconds per frame of detection on one core: warmed up, medians, nothing else timed."""

import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any, Final

import cv2

from inference.commands.machine import describe_machine
from inference.core.decode.source import SourceConfig, open_source
from inference.core.detection.registry import DETECTORS, create_detector
from inference.core.frames import RawFrame
from inference.core.masking.registry import create_masker
from inference.sample_clip import write_shot

WARM_UP: Final = 10


def camera_frames(count: int, fps: float) -> list[RawFrame]:
    """Return frames of the clip that is the same everywhere, 640x360, `fps` a second."""
    with tempfile.TemporaryDirectory(prefix="paca-bench-") as folder:
        clip = Path(folder) / "camera.mp4"
        write_shot(clip)
        with open_source(SourceConfig(str(clip), target_fps=fps, loop=True)) as source:
            return [frame for frame, _ in zip(source, range(count), strict=False)]


def bench_detection(count: int) -> dict[str, Any]:
    """Measure each detector on masked 640x360 frames at 5 per second; masking is done before and not timed."""
    cv2.setNumThreads(1)
    masker = create_masker("paca-seg")
    raw = camera_frames(count + WARM_UP, fps=5.0)
    masked = [frame for each in raw for frame in masker.push(each)] + masker.flush()
    masked = [frame for frame in masked if not frame.withheld]  # the clip has cuts; a withheld frame costs nothing
    values: dict[str, Any] = {"frames": len(masked), "people_median": median(len(frame.tracks) for frame in masked)}
    for name in sorted(DETECTORS):
        detector = create_detector(name)
        spent: list[float] = []
        for frame in masked:
            started = time.perf_counter()
            detector.update(frame)
            spent.append((time.perf_counter() - started) * 1000)
        ordered = sorted(spent[WARM_UP:])
        key = name.replace("-", "_")
        values[f"{key}_ms"] = median(ordered)
        values[f"{key}_p95_ms"] = ordered[int(0.95 * len(ordered))]
    return values | describe_machine()
