"""Feature files of others (I3D, X3D, CLIP, C3D), as published: an array of segments for each video, crops or none.

| shape or name | meaning |
|---|---|
| `(T, D)` | T segments, one crop |
| `(T, C, D)` | C crops of each segment (10-crop: C = 10) |
| `NAME__0.npy` ... `NAME__9.npy`, each `(T, D)` | one file a crop (XD-Violence as published) |
| text, T lines of D numbers | C3D of UCF-Crime as published (T = 32) |
"""

import re
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from inference.core.errors import DetectionError

Floats = npt.NDArray[np.float32]
ENDINGS: Final = (".npy", ".txt")
CROP: Final = re.compile(r"^(?P<name>.+)__(?P<crop>\d+)$")


def video_of(path: Path) -> str:
    """Give the name of the video that a file belongs to: without ending, crop number and `_i3d` and the like."""
    stem = path.stem
    crop = CROP.match(stem)
    return re.sub(r"_(i3d|x3d|clip|c3d)$", "", crop["name"] if crop else stem)


def find_features(folder: Path) -> dict[str, tuple[Path, ...]]:
    """Give the files of each video below `folder`, crops in their order.

    Raises:
        DetectionError: there is none, or crops of one video are missing.
    """
    found: dict[str, list[Path]] = {}
    for path in sorted(folder.rglob("*")):
        if path.suffix in ENDINGS and path.is_file():
            found.setdefault(video_of(path), []).append(path)
    if not found:
        raise DetectionError(f"{folder} holds no feature file ({', '.join(ENDINGS)}).")
    return {name: _ordered(name, paths) for name, paths in found.items()}


def _ordered(name: str, paths: list[Path]) -> tuple[Path, ...]:
    numbers = [int(match["crop"]) for path in paths if (match := CROP.match(path.stem))]
    if not numbers and len(paths) == 1:
        return tuple(paths)
    if sorted(numbers) != list(range(len(paths))):
        raise DetectionError(f"{name} must have the crops 0 to {len(paths) - 1}, got {sorted(numbers)}.")
    return tuple(path for _, path in sorted(zip(numbers, paths, strict=True)))


def read_features(paths: Iterable[Path]) -> Floats:
    """Read the features of one video as `float32 (T, C, D)`.

    Raises:
        DetectionError: a file is no finite array of such a shape, or crops differ.
    """
    parts = [_read(path) for path in paths]
    shapes = {part.shape for part in parts}
    if len(shapes) != 1:
        raise DetectionError(f"All crops of a video must have one shape, got {sorted(shapes)}.")
    return np.concatenate(parts, axis=1)


def _read(path: Path) -> Floats:
    try:
        values = np.load(path, allow_pickle=False) if path.suffix == ".npy" else np.loadtxt(path, np.float32, ndmin=2)
    except (OSError, ValueError) as error:
        raise DetectionError(f"{path.name} cannot be read as features: {error}.") from error
    if values.ndim == 2:
        values = values[:, None]
    if values.ndim != 3 or 0 in values.shape or not np.issubdtype(values.dtype, np.floating):
        raise DetectionError(
            f"{path.name} must be real numbers (T, D) or (T, C, D), got {values.dtype} {values.shape}."
        )
    if not np.isfinite(values).all():
        raise DetectionError(f"{path.name} holds numbers that are not finite.")
    return np.asarray(values, np.float32)


def resample(features: Floats, segments: int) -> Floats:
    """Give `float32 (segments, C, D)`: means over equal stretches of time; short videos repeat segments."""
    edges = np.linspace(0, len(features), segments + 1)
    spans = [(int(start), max(int(start) + 1, int(stop))) for start, stop in pairwise(edges)]
    return np.stack([features[start:stop].mean(axis=0) for start, stop in spans]).astype(np.float32)


def frame_scores(scores: npt.NDArray[np.float64], frames: int) -> npt.NDArray[np.float64]:
    """Spread segment scores over the frames of a video, `float64 (frames,)`, each as long as the others."""
    places = np.minimum(np.arange(frames) * len(scores) // max(1, frames), len(scores) - 1)
    return np.asarray(scores[places], np.float64)
