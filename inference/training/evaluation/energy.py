"""What masking costs to run: CPU seconds per camera-hour, and memory of the process."""

import resource
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from time import process_time
from typing import Any, Final

from inference.core.errors import CoreError
from inference.core.frames import RawFrame
from inference.core.masking.base import Segmenter
from inference.core.masking.network import NetworkConfig, Size, shared_network
from inference.core.masking.paca_seg import PacaSegConfig, PacaSegMasker
from inference.training.evaluation.clips import frame_rate, frames

FPS: Final = 5.0
FRAMES: Final = 150
KIB: Final = 1024
WARM_UP: Final = 3
"""The first frames compile the network: paid once, not per hour."""


def evaluate_energy(
    video: Path, size: Size = "s", network: Segmenter | None = None, count: int = FRAMES
) -> dict[str, Any]:
    """Mask a video at 5 frames per second and count CPU time, of all threads of the process, around masking only.

    Args:
        video: what is masked; decoding is not counted.
        size: working size of our own network.
        network: in its place.
        count: frames measured at most.

    Returns:
        `cpu_s_per_camera_hour` (CPU seconds to mask one hour of one camera at 5 fps), `cpu_ms_per_frame` (mean),
        `memory_mb` (most memory the process ever held, MiB), `frames`, `fps`, `size`.

    Raises:
        CoreError: the video is too short to say anything.
    """
    network = network or shared_network(NetworkConfig(size=size))
    masker = PacaSegMasker(PacaSegConfig(size=size), network)
    step = max(1, round(frame_rate(video) / FPS))
    spent, measured = 0.0, 0
    for index, raw in enumerate(_every(video, step)):
        if measured >= count:
            break
        started = process_time()
        masker.push(raw)
        if index >= WARM_UP:
            spent += process_time() - started
            measured += 1
    if measured == 0:
        raise CoreError(f"{video}: has no more than {WARM_UP} frames at {FPS:g} per second.")
    return {
        "cpu_s_per_camera_hour": spent / measured * FPS * 3600.0,
        "cpu_ms_per_frame": spent / measured * 1000.0,
        "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KIB,
        "frames": measured,
        "fps": FPS,
        "size": size,
    }


def _every(video: Path, step: int) -> Iterator[RawFrame]:
    for raw in frames(video):
        if raw.index % step == 0:
            at_s = raw.index // step / FPS
            yield RawFrame(raw.image, raw.index // step, at_s, raw.captured_at + timedelta(seconds=at_s - raw.pts_s))
