"""Runs `paca-seg`: one forward pass from a picture to where people, screens and vehicles are.

The ONNX file takes `image` uint8 `(N, H, W, 3)` RGB (H, W multiples of 32), gives `maps` float32 `(N, 3, H/4, W/4)`,
0-1. OpenVINO runs it by default, ONNX Runtime as the second backend; both read the same file.
"""

import functools
import hashlib
import math
import os
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import cv2
import numpy as np
import numpy.typing as npt

from inference.core.errors import MaskingError, WeightsError
from inference.core.frames import Image, check_image
from inference.core.openvino_alone import load_openvino
from inference.core.weights import WEIGHTS_FOLDER, load_manifest

Size = Literal["s", "m"]
Backend = Literal["openvino", "onnx"]
Precision = Literal["f32", "int8"]
Run = Callable[[Image], npt.NDArray[np.float32]]

NAME: Final = "paca-seg"
LABELS: Final = ("person", "screen", "vehicle")
WORKING_SIZE: Final[dict[str, tuple[int, int]]] = {"s": (640, 360), "m": (960, 540)}
"""Width and height of a 16:9 picture as the network sees it. Pictures of another shape get about as many pixels
(a 4:3 one 556x416 in size `s`): the same work, and people are not made smaller by empty margins."""
LONGEST: Final = 1.4
"""No side becomes longer than this times the working width: slivers stay slivers."""
PAD_GREY: Final = 114
STRIDE, CELL = 32, 4
SHAPES_KEPT: Final = 8
"""Compiled networks kept at once (about 25 MB each): cameras of one site have few shapes, folders of pictures many."""


@dataclass(frozen=True, slots=True)
class NetworkConfig:
    """Which network, and how it runs.

    Attributes:
        size: `s` (640x360) or `m` (960x540); both use the same weights.
        backend: `openvino` or `onnx` (ONNX Runtime).
        precision: `f32` or `int8`.
        threads: of one forward pass.
        folder: of the weights, with their manifest.
    """

    size: Size = "s"
    backend: Backend = "openvino"
    precision: Precision = "int8"
    threads: int = 1
    folder: Path = WEIGHTS_FOLDER / NAME

    def __post_init__(self) -> None:
        allowed = {"size": ("s", "m"), "backend": ("openvino", "onnx"), "precision": ("f32", "int8")}
        for name, values in allowed.items():
            if getattr(self, name) not in values:
                raise WeightsError(f"`{name}` must be one of {', '.join(values)}, got {getattr(self, name)!r}.")
        if self.threads < 1:
            raise WeightsError(f"`threads` must be at least 1, got {self.threads}.")


class SegmentationNetwork:
    """A compiled network, safe to call from many threads at once."""

    labels = LABELS

    def __init__(self, config: NetworkConfig) -> None:
        self.config = config
        path = load_manifest(config.folder.name, config.folder.parent).file(config.precision)
        weights = hashlib.sha256(path.read_bytes()).hexdigest()
        settings = f"{weights}:{config.size}:{config.precision}"
        self.fingerprint = f"{NAME}-{config.size}-{hashlib.sha256(settings.encode()).hexdigest()[:12]}"
        cv2.setNumThreads(1)
        build: Callable[[str, int], Run] = _OpenVino if config.backend == "openvino" else _build_onnx
        self._run = build(str(path), config.threads)

    def probabilities(self, image: Image) -> npt.NDArray[np.float32]:
        """Return `float32 (3, h, w)`, 0-1: person, screen, vehicle, covering exactly the whole of `image`.

        Args:
            image: `uint8 (H, W, 3)` RGB, any size from 1x1; scaled to as many pixels as the working size has.

        Raises:
            MaskingError: the network gave something that is no probability.
        """
        check_image(image, "image")
        scaled = _scaled(image, *WORKING_SIZE[self.config.size])
        height, width = scaled.shape[:2]
        maps = self._run(_padded(scaled)[None])
        if maps.ndim != 4 or maps.shape[:2] != (1, len(LABELS)) or not np.isfinite(maps).all():
            raise MaskingError("the network gave no probabilities")
        found: npt.NDArray[np.float32] = maps[0, :, : height // CELL, : width // CELL]
        return found


def _scaled(image: Image, width: int, height: int) -> Image:
    """Return `image` in whole cells: a map of its cells then covers exactly the picture, whatever its shape."""
    budget = math.sqrt(width * height / (image.shape[0] * image.shape[1]))
    factor = min(budget, LONGEST * width / max(image.shape[:2]))
    size = (
        max(CELL, CELL * round(image.shape[1] * factor / CELL)),
        max(CELL, CELL * round(image.shape[0] * factor / CELL)),
    )
    if size == (image.shape[1], image.shape[0]):
        return image
    how = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(image, size, interpolation=how), np.uint8)


def _padded(image: Image) -> Image:
    height, width = image.shape[:2]
    below, right = -height % STRIDE, -width % STRIDE
    if not below and not right:
        return np.ascontiguousarray(image)
    grey = (PAD_GREY,) * 3
    return np.asarray(cv2.copyMakeBorder(image, 0, below, 0, right, cv2.BORDER_CONSTANT, value=grey), np.uint8)


class _OpenVino:
    """One model compiled for each shape of picture, the last few kept; a request is lent to one thread at a time.

    Static shapes run faster than a dynamic one. There are as many streams as `threads` fit into the cores, so that
    cameras run side by side, each on its own `threads` cores.
    """

    def __init__(self, path: str, threads: int) -> None:
        openvino = load_openvino()

        self._core = openvino.Core()
        self._model = self._core.read_model(path)
        streams = max(1, (os.cpu_count() or 1) // threads)
        self._settings = {
            "INFERENCE_PRECISION_HINT": "f32",  # bf16 was measured slower on CPUs that offer it
            "INFERENCE_NUM_THREADS": threads * streams,
            "NUM_STREAMS": streams,
        }
        self._lock = threading.Lock()
        self._shapes: OrderedDict[tuple[int, ...], tuple[Any, list[Any]]] = OrderedDict()

    def __call__(self, batch: Image) -> npt.NDArray[np.float32]:
        """`uint8 (1, H, W, 3)` to `float32 (1, 3, H/4, W/4)`, the caller's own copy."""
        with self._lock:
            compiled, idle = self._compiled(batch.shape)
            request = idle.pop() if idle else compiled.create_infer_request()
        try:
            request.infer({0: batch}, share_inputs=True)
            return np.array(request.get_output_tensor(0).data, np.float32)
        finally:
            with self._lock:
                idle.append(request)

    def _compiled(self, shape: tuple[int, ...]) -> tuple[Any, list[Any]]:
        if shape not in self._shapes:
            shaped = self._model.clone()
            shaped.reshape(list(shape))
            self._shapes[shape] = (self._core.compile_model(shaped, "CPU", self._settings), [])
            if len(self._shapes) > SHAPES_KEPT:
                self._shapes.popitem(last=False)
        self._shapes.move_to_end(shape)
        return self._shapes[shape]


def _build_onnx(path: str, threads: int) -> Run:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])

    def run(batch: Image) -> npt.NDArray[np.float32]:
        return np.asarray(session.run(["maps"], {"image": batch})[0], np.float32)

    return run


_lock = threading.Lock()


@functools.cache
def _network(config: NetworkConfig) -> SegmentationNetwork:
    return SegmentationNetwork(config)


def shared_network(config: NetworkConfig | None = None) -> SegmentationNetwork:
    """Return this process's one network of that configuration, compiled on first use.

    Raises:
        WeightsError: the weights are missing or not those of the manifest.
    """
    with _lock:
        return _network(config or NetworkConfig())
