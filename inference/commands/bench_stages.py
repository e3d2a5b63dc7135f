"""Milliseconds per frame of masking and of detection, each on one core: warmed up, medians, nothing else timed."""

import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any, Final

import cv2

from inference.commands.machine import camera_clip, describe_machine
from inference.core.decode.source import SourceConfig, open_source
from inference.core.detection.registry import DETECTORS, create_detector
from inference.core.frames import RawFrame
from inference.core.masking.network import NetworkConfig, shared_network
from inference.core.masking.registry import create_masker

WARM_UP: Final = 10
SIZES: Final = ("s", "m")
PRECISIONS: Final = ("f32", "int8")


def _frames(count: int, fps: float) -> list[RawFrame]:
    with tempfile.TemporaryDirectory(prefix="paca-bench-") as folder:
        clip = camera_clip(Path(folder))
        with open_source(SourceConfig(str(clip), target_fps=fps, loop=True)) as source:
            return [frame for frame, _ in zip(source, range(count), strict=False)]


def _timed(action: Callable[[RawFrame], object], frames: Sequence[RawFrame]) -> float:
    """Return the median in milliseconds, the first `WARM_UP` frames left out."""
    spent: list[float] = []
    for frame in frames:
        started = time.perf_counter()
        action(frame)
        spent.append((time.perf_counter() - started) * 1000)
    return median(spent[WARM_UP:])


def bench_masking(count: int) -> dict[str, Any]:
    """Measure the network's pass, what follows it, and both, for each size and precision, on 640x360 frames."""
    cv2.setNumThreads(1)
    frames = _frames(count + WARM_UP, fps=5.0)
    values: dict[str, Any] = {"frames": count, "width": 640, "height": 360, "threads": 1, **describe_machine()}
    for size in SIZES:
        for precision in PRECISIONS:
            network = shared_network(NetworkConfig(size=size, precision=precision, threads=1))
            masker = create_masker("paca-seg", network=network)
            forward_ms = _timed(lambda frame, network=network: network.probabilities(frame.image), frames)  # type: ignore[misc]
            total_ms = _timed(masker.push, frames)
            values[f"{size}_{precision}_forward_ms"] = forward_ms
            values[f"{size}_{precision}_post_ms"] = max(0.0, total_ms - forward_ms)
            values[f"{size}_{precision}_total_ms"] = total_ms
    return values


def bench_detection(count: int) -> dict[str, Any]:
    """Measure each detector on masked 640x360 frames at 5 per second; masking is done before and not timed."""
    cv2.setNumThreads(1)
    masker = create_masker("paca-seg")
    raw = _frames(count + WARM_UP, fps=5.0)
    masked = [frame for each in raw for frame in masker.push(each)] + masker.flush()
    values: dict[str, Any] = {"frames": count, "people_median": median(len(frame.tracks) for frame in masked)}
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
