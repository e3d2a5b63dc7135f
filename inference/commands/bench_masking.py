"""Milliseconds per frame of masking: size, precision and threads, and another network beside them, in one run.

All are asked in turn for every frame, so that whatever else the machine does falls on all alike.
"""

import multiprocessing
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any, Final

import cv2
import numpy as np

from inference.commands.bench_stages import WARM_UP, camera_frames
from inference.commands.machine import describe_machine
from inference.commands.options import CommandError
from inference.core.frames import RawFrame
from inference.core.masking.network import NetworkConfig, Precision, SegmentationNetwork, Size, shared_network
from inference.core.masking.registry import create_masker
from inference.core.openvino_alone import load_openvino

SIZES: Final[tuple[Size, ...]] = ("s", "m")
PRECISIONS: Final[tuple[Precision, ...]] = ("int8", "f32")
BESIDE_SIZE: Final = (641, 369)
"""Width and height of the other network's input: the 16k+1 nearest to 640x360 that BodyPix wants."""

Action = Callable[[RawFrame], object]


def bench_masking(count: int, beside: Path | None = None) -> dict[str, Any]:
    """Measure on 640x360 frames.

    Args:
        count: frames measured, after a warm-up.
        beside: another network (ONNX, one input `float32 (1, H, W, 3)`, -1 to 1), timed in the same run.

    Returns:
        For each of `s_int8`, `s_f32`, `m_int8`, `m_f32`: `_forward_ms`, `_post_ms`, `_total_ms` on one thread,
        `_forward_2_ms` on two, `_memory_mib` of a process that masks one stream with it; `beside_ms`, `beside_2_ms`.
    """
    cv2.setNumThreads(1)
    frames = camera_frames(count + WARM_UP, fps=5.0)
    values: dict[str, Any] = {"frames": count, "width": 640, "height": 360, **describe_machine()}
    for threads in (1, 2) if (os.cpu_count() or 1) > 1 else (1,):
        actions = _actions(threads)
        if beside is not None:
            actions["beside"] = _other(beside, threads)
        values.update(_in_turn(actions, frames, "_ms" if threads == 1 else f"_{threads}_ms"))
    for size in SIZES:
        for precision in PRECISIONS:
            key = f"{size}_{precision}"
            values[f"{key}_post_ms"] = max(0.0, values[f"{key}_total_ms"] - values[f"{key}_forward_ms"])
            values[f"{key}_memory_mib"] = _memory_mib(size, precision)
    return values


def _actions(threads: int) -> dict[str, Action]:
    actions: dict[str, Action] = {}
    for size in SIZES:
        for precision in PRECISIONS:
            network = shared_network(NetworkConfig(size=size, precision=precision, threads=threads))
            actions[f"{size}_{precision}_forward"] = _forward(network)
            if threads == 1:
                actions[f"{size}_{precision}_total"] = create_masker("paca-seg", network=network).push
    return actions


def _forward(network: SegmentationNetwork) -> Action:
    return lambda frame: network.probabilities(frame.image)


def _other(path: Path, threads: int) -> Action:
    if not path.is_file():
        raise CommandError(f"There is no network {str(path)!r}.")
    openvino = load_openvino()

    core = openvino.Core()
    model = core.read_model(str(path))
    width, height = BESIDE_SIZE
    model.reshape([1, height, width, 3])
    settings = {"INFERENCE_NUM_THREADS": threads, "NUM_STREAMS": 1, "INFERENCE_PRECISION_HINT": "f32"}
    request = core.compile_model(model, "CPU", settings).create_infer_request()

    def run(frame: RawFrame) -> object:
        scaled = cv2.resize(frame.image, BESIDE_SIZE).astype(np.float32) / 127.5 - 1.0
        return request.infer({0: scaled[None]}, share_inputs=True)

    return run


def _in_turn(actions: dict[str, Action], frames: Sequence[RawFrame], unit: str) -> dict[str, float]:
    """Return the median of each action in milliseconds, the first `WARM_UP` frames left out."""
    spent: dict[str, list[float]] = {name: [] for name in actions}
    for frame in frames:
        for name, action in actions.items():
            started = time.perf_counter()
            action(frame)
            spent[name].append((time.perf_counter() - started) * 1000)
    return {f"{name}{unit}": median(times[WARM_UP:]) for name, times in spent.items()}


def _memory_mib(size: Size, precision: Precision) -> float:
    """Return the memory of a fresh process that masks one stream."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_mask_some, (size, precision))


def _mask_some(size: Size, precision: Precision) -> float:
    cv2.setNumThreads(1)
    masker = create_masker("paca-seg", network=shared_network(NetworkConfig(size=size, precision=precision)))
    for frame in camera_frames(WARM_UP, fps=5.0):
        masker.push(frame)
    # Not getrusage: a new process inherits the peak of the one that started it.
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024
