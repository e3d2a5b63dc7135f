"""Re-identification as an attack: who is the masked person, out of everybody in a gallery.

An attacker has pictures of everybody (one mean embedding each) and one later picture, and names the person whose
embedding is nearest (cosine). *Rank-1* is the share named rightly, averaged over people; *chance* is what guessing
reaches. Source of the protocol: Zheng et al., ICCV 2015, doi 10.1109/ICCV.2015.133.

The background around a silhouette gives the clip away. So each attack is told twice: with everybody in the gallery,
and among the people of the same clip. *Alone* means that the background is grey in gallery and query.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt

from inference.core.errors import CoreError
from inference.core.frames import Image
from inference.core.masking.paca_seg import PacaSegConfig
from inference.core.openvino_alone import load_openvino
from inference.training.evaluation.privacy.people import Look, Sample

Floats = npt.NDArray[np.float32]
Embed = Callable[[list[Image]], Floats]

ATTACKERS: Final = ("reid0286", "reid0287", "reid0288")
"""person-reidentification-retail of Open Model Zoo: BGR 0-255, 256 x 128, cosine distance."""

DRAWS: Final = 1000
GREY: Final = 128

KINDS: Final = {
    "raw": ("raw", "raw"),
    "masked": ("raw", "masked"),
    "raw_alone": ("raw alone", "raw alone"),
    "masked_alone": ("raw alone", "masked alone"),
    "masked_gallery": ("masked", "masked"),
    "shape": ("masked alone", "masked alone"),
}
"""Attack: how the gallery is seen, how the query is seen. `shape` compares silhouettes with
silhouettes: build and pose, of which masking hides nothing."""


class Network:
    """A network of others, run by OpenVINO on one thread."""

    def __init__(self, path: Path, size: tuple[int, int]) -> None:
        """Load `path`; `size` is width and height of its input.

        Raises:
            CoreError: there is no such file.
        """
        openvino = load_openvino()

        if not path.is_file():
            raise CoreError(f"The attacker {path} is not there.")
        self._size = size
        model = openvino.Core().compile_model(str(path), "CPU", {"INFERENCE_NUM_THREADS": 1})
        self._request = model.create_infer_request()

    def __call__(self, pictures: list[Image]) -> Floats:
        """Return what it says of each picture, `float32 (N, F)`."""
        said = []
        for picture in pictures:
            scaled = cv2.resize(picture, self._size, interpolation=cv2.INTER_LINEAR)[..., ::-1].transpose(2, 0, 1)
            self._request.infer({0: np.ascontiguousarray(scaled[None], np.float32)})
            said.append(np.array(self._request.get_output_tensor(0).data, np.float32).ravel())
        return np.stack(said)


def seen(look: Look, how: str) -> Image:
    """Return a look as an attacker sees it: `raw` or `masked`, and `alone` with all that is not covered in grey."""
    picture = look.raw if how.startswith("raw") else look.masked
    if not how.endswith("alone"):
        return picture
    is_covered = (look.masked == np.array(PacaSegConfig().colour, np.uint8)).all(axis=2)
    return np.where(is_covered[..., None], picture, np.uint8(GREY))


def attack(samples: Sequence[Sample], embed: Embed) -> dict[str, Any]:
    """Let one attacker look for every query in the gallery, in every way of `KINDS`.

    Returns:
        `reid_rank1_KIND`, `within_clip_rank1_KIND`, `right_clip_KIND`, and `intervals` of them (95 %, people drawn).
    """
    clips = np.array([one.clip for one in samples])
    galleries = {
        how: unit(np.stack([unit(embed([seen(look, how) for look in one.gallery])).mean(axis=0) for one in samples]))
        for how in {gallery for gallery, _ in KINDS.values()}
    }
    queries = {
        how: [unit(embed([seen(look, how) for look in one.query])) for one in samples]
        for how in {query for _, query in KINDS.values()}
    }
    result: dict[str, Any] = {}
    intervals: dict[str, list[float]] = {}
    for kind, (gallery, query) in KINDS.items():
        shares = np.array([rank_one(said, galleries[gallery], at, clips) for at, said in enumerate(queries[query])])
        names = (f"reid_rank1_{kind}", f"within_clip_rank1_{kind}", f"right_clip_{kind}")
        for name, column in zip(names, shares.T, strict=True):
            result[name], intervals[name] = float(column.mean()), interval(column)
    return {**result, "intervals": intervals}


def rank_one(queries: Floats, templates: Floats, index: int, clips: npt.NDArray[Any]) -> tuple[float, float, float]:
    """Return the share of queries whose nearest template is right: among all, within the clip; and of the right clip.

    Args:
        queries: `float32 (Q, F)`, unit length, of person `index`.
        templates: `float32 (N, F)`, unit length.
        index: whose queries they are.
        clips: `(N,)`, the clip of each template.
    """
    likeness = queries @ templates.T
    nearest = likeness.argmax(axis=1)
    own = np.where(clips == clips[index], likeness, -np.inf).argmax(axis=1)
    right_clip = clips[nearest] == clips[index]
    return float((nearest == index).mean()), float((own == index).mean()), float(right_clip.mean())


def chances(samples: Sequence[Sample]) -> dict[str, float]:
    """Return what guessing reaches: `chance` among everybody, `within_clip_chance` for who knows the clip."""
    clips = np.array([one.clip for one in samples])
    sizes = np.array([(clips == clip).sum() for clip in clips])
    return {"chance": 1.0 / len(samples), "within_clip_chance": float((1.0 / sizes).mean())}


def worst(found: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return for each key the figure of the attacker who is best at it, its interval, and who that is.

    Choosing the best of several after the fact makes the figure a little higher than one attacker's would be.
    """
    keys = [key for key in next(iter(found.values())) if key != "intervals"]
    best = {key: max(found, key=lambda name, key=key: float(found[name][key])) for key in keys}  # type: ignore[misc]
    return {
        **{key: found[name][key] for key, name in best.items()},
        "intervals": {key: found[name]["intervals"][key] for key, name in best.items()},
        "worst_attacker": best,
    }


def interval(values: npt.NDArray[Any]) -> list[float]:
    """Return the 95 % bootstrap interval of the mean, drawing people (Efron, 1979)."""
    drawn = np.random.default_rng(0).choice(values, (DRAWS, len(values))).mean(axis=1)
    return [float(value) for value in np.quantile(drawn, (0.025, 0.975))]


def unit(values: Floats) -> Floats:
    """Return rows of length 1; a row of zeros stays one."""
    return np.asarray(values / np.maximum(np.linalg.norm(values, axis=-1, keepdims=True), 1e-9), np.float32)
