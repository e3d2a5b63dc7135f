"""What a network said about the frames of a clip, kept so that many settings can be tried on one pass."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from inference.core.errors import CoreError
from inference.core.frames import Image
from inference.core.masking.base import Probabilities, Segmenter
from inference.training.evaluation.clips import frames

Maps = npt.NDArray[np.float16]


class Replay:
    """Gives again what a network said about the frames of a clip, in their order."""

    fingerprint = "replay"

    def __init__(self, maps: Sequence[Maps] | Maps) -> None:
        """Take `float16 (3, h, w)` maps, one per frame."""
        self._maps = iter(maps)

    def probabilities(self, image: Image) -> Probabilities:
        """Return the next frame's maps."""
        return np.asarray(next(self._maps), np.float32)


def answers(video: Path, network: Segmenter, limit: int | None = None, cache: Path | None = None) -> Maps:
    """Return what `network` says about the first `limit` frames: `float16 (T, 3, h, w)`, 0-1.

    Args:
        video: the file; all its frames have one size.
        network: looks at every frame once, unless `cache` has its word on this very file.
        limit: frames; None for all.
        cache: folder for maps (no pictures); None keeps nothing.

    Raises:
        CoreError: the video has no frames, or frames of several sizes.
    """
    kept = None if cache is None else _place(cache, video, f"{network.fingerprint};{limit}")
    if kept is not None and kept.is_file():
        with np.load(kept, allow_pickle=False) as stored:
            return np.asarray(stored["maps"], np.float16)
    watched = tqdm(frames(video, limit), unit="frame", desc=video.stem, leave=False)
    maps = [network.probabilities(raw.image).astype(np.float16) for raw in watched]
    if len({one.shape for one in maps}) != 1:
        raise CoreError(f"{video}: needs frames of one size, got {len(maps)} frames of several or none.")
    found: Maps = np.stack(maps)
    if kept is not None:
        kept.parent.mkdir(parents=True, exist_ok=True)
        part = kept.with_suffix(".part.npz")
        np.savez_compressed(part, maps=found)
        part.replace(kept)
    return found


def _place(cache: Path, video: Path, what: str) -> Path:
    stat = video.stat()
    key = hashlib.sha256(f"{video.resolve()};{stat.st_size};{stat.st_mtime_ns};{what}".encode()).hexdigest()
    return cache / f"{video.stem}-{key[:16]}.npz"
