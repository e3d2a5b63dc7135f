"""Who is still recognised after masking: networks of others try to find a masked person among raw pictures.

People with human tracks are seen raw in the first part of their track (the gallery) and masked, by the whole masker
with hold and look-ahead, in the last part (the query). An attacker succeeds where the nearest gallery person is the
right one. The background around a silhouette gives the clip away, so the figure within each clip, against its own
chance, is the honest one; both are given.
Source of the protocol: rank-1 of re-identification (Zheng et al., ICCV 2015, doi 10.1109/ICCV.2015.133).

Attributes have no human labels here: the word of the network on other raw pictures of the same person stands for the
truth, so that `gender_auc_*` is agreement, not truth.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt

from inference.core.errors import CoreError
from inference.core.frames import Image, MaskedFrame
from inference.core.masking.base import Segmenter
from inference.core.masking.network import NetworkConfig, shared_network
from inference.core.masking.paca_seg import PacaSegConfig, PacaSegMasker
from inference.training.evaluation.clips import Clip, frames, tracked_clips
from inference.training.evaluation.ranking import area_under_curve

Floats = npt.NDArray[np.float32]

ATTACKERS: Final = ("reid0286", "reid0287", "reid0288")
"""person-reidentification-retail of Open Model Zoo: BGR 0-255, 256 x 128, cosine distance."""

PART: Final = 0.4
"""The first and the last so much of a track; what lies between keeps query and gallery apart in time."""

EVERY_S: Final = 0.5
LEAST_PX: Final = 40
LEAST_LOOKS: Final = 2
CONFIDENT: Final = 0.2
"""How far from even the attribute network must be on raw pictures to be taken at its word."""
DRAWS: Final = 1000


@dataclass(slots=True)
class Sample:
    """One person in one clip: raw pictures for the gallery, and a raw and a masked one of each later look."""

    clip: str
    gallery: list[Image] = field(default_factory=list, repr=False)
    raw: list[Image] = field(default_factory=list, repr=False)
    masked: list[Image] = field(default_factory=list, repr=False)


def evaluate_privacy(data: Path) -> dict[str, Any]:
    """Attack masked people of `data/tracked-people` with the networks of `data/teachers/omz`.

    Returns:
        `reid_rank1_raw`, `reid_rank1_masked`, `chance`: the strongest attacker on masked people, gallery of all clips;
        `within_clip_*`: the same with the gallery of the own clip; `by_attacker`; `gender_auc_raw`, `gender_auc_masked`
        (None with too few of one kind); `identities`, `queries`, `intervals` (95 %, people drawn again).

    Raises:
        CoreError: tracks or networks are missing.
    """
    clips = tracked_clips(data / "tracked-people")
    network = shared_network(NetworkConfig())
    samples = [sample for clip in clips for sample in collect(clip, network)]
    if len(samples) < 2:
        raise CoreError(f"{data / 'tracked-people'}: fewer than two people are tracked long enough.")
    folder = data / "teachers" / "omz"
    found = {name: attack(samples, _Attacker(folder / f"{name}.xml", (128, 256))) for name in ATTACKERS}
    strongest = max(found, key=lambda name: float(found[name]["reid_rank1_masked"]))
    report: dict[str, Any] = {"identities": len(samples), "queries": sum(len(one.masked) for one in samples)}
    report |= {"strongest": strongest, **found[strongest]}
    report |= gender(samples, _Attacker(folder / "attr0230.xml", (80, 160)))
    report["by_attacker"] = {name: {k: v for k, v in one.items() if k != "intervals"} for name, one in found.items()}
    return report


def collect(clip: Clip, network: Segmenter) -> list[Sample]:
    """Cut the people of a clip out of raw and of masked frames."""
    spans: dict[int, list[int]] = {}
    for index, people in clip.people.items():
        for person in people:
            spans.setdefault(person.id, []).append(index)
    samples = {known: Sample(clip.video.stem) for known in spans}
    for index, raw, masked in _looks(clip, network):
        for person in clip.people.get(index, []):
            first, last = min(spans[person.id]), max(spans[person.id])
            share = (index - first) / max(1, last - first)
            before, after = _cut(raw, person.box), _cut(masked, person.box)
            if before is not None and after is not None:
                _put(samples[person.id], share, before, after)
    return [one for one in samples.values() if min(len(one.gallery), len(one.masked)) >= LEAST_LOOKS]


def _looks(clip: Clip, network: Segmenter) -> Iterator[tuple[int, Image, Image]]:
    """Yield frame number, raw and masked picture every `EVERY_S`, masked as in the running line."""
    masker, raws = PacaSegMasker(PacaSegConfig(), network), dict[int, Image]()
    last_s = -EVERY_S

    def pairs(ready: list[MaskedFrame]) -> Iterator[tuple[int, Image, Image]]:
        for one in ready:
            raw = raws.pop(one.index, None)
            if raw is not None and not one.withheld:
                yield one.index, raw, one.image

    for frame in frames(clip.video, clip.frames):
        if frame.pts_s - last_s >= EVERY_S - 1e-6:
            last_s, raws[frame.index] = frame.pts_s, frame.image
        yield from pairs(masker.push(frame))
    yield from pairs(masker.flush())


def _put(sample: Sample, share: float, raw: Image, masked: Image) -> None:
    """Sort one look into gallery or query by how much of the track has passed."""
    if share <= PART:
        sample.gallery.append(raw)
    elif share >= 1 - PART:
        sample.raw.append(raw)
        sample.masked.append(masked)


def _cut(image: Image, box: Any) -> Image | None:
    left, top, right, bottom = (round(float(value)) for value in box)
    left, top, right, bottom = max(0, left), max(0, top), min(image.shape[1], right), min(image.shape[0], bottom)
    if bottom - top < LEAST_PX or right - left < LEAST_PX // 4:
        return None
    return np.ascontiguousarray(image[top:bottom, left:right])


class _Attacker:
    """A network of others, by OpenVINO; `size` is width and height of its input."""

    def __init__(self, path: Path, size: tuple[int, int]) -> None:
        import openvino

        if not path.is_file():
            raise CoreError(f"The attacker {path} is not there.")
        self._size = size
        self._request = openvino.Core().compile_model(str(path), "CPU").create_infer_request()

    def __call__(self, pictures: list[Image]) -> Floats:
        """Return what it says of each picture, `float32 (N, F)`."""
        said = []
        for picture in pictures:
            scaled = cv2.resize(picture, self._size, interpolation=cv2.INTER_LINEAR)[..., ::-1].transpose(2, 0, 1)
            self._request.infer({0: np.ascontiguousarray(scaled[None], np.float32)})
            said.append(np.array(self._request.get_output_tensor(0).data, np.float32).ravel())
        return np.stack(said)


def attack(samples: list[Sample], attacker: Any) -> dict[str, Any]:
    """Let one attacker look for every query in the gallery."""
    templates = _unit(np.stack([_unit(attacker(one.gallery)).mean(axis=0) for one in samples]))
    clips = np.array([one.clip for one in samples])
    hits = {
        kind: [
            rank_one(_unit(attacker(getattr(one, kind))), templates, index, clips) for index, one in enumerate(samples)
        ]
        for kind in ("raw", "masked")
    }
    sizes = np.array([(clips == one.clip).sum() for one in samples])
    result: dict[str, Any] = {"chance": 1.0 / len(samples), "within_clip_chance": float((1.0 / sizes).mean())}
    intervals = {}
    for kind, values in hits.items():
        shares = np.array(values)  # by person: everywhere, within the clip, the right clip
        for column, name in enumerate((f"reid_rank1_{kind}", f"within_clip_rank1_{kind}", f"right_clip_{kind}")):
            result[name] = float(shares[:, column].mean())
            drawn = np.random.default_rng(0).choice(shares[:, column], (DRAWS, len(shares))).mean(axis=1)
            intervals[name] = [float(value) for value in np.quantile(drawn, (0.025, 0.975))]
    return result | {"intervals": intervals}


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


def gender(samples: list[Sample], attacker: Any) -> Mapping[str, float | None]:
    """Return how well the first attribute of person-attributes-recognition-crossroad-0230 agrees with itself."""
    word = np.array([attacker(one.gallery)[:, 0].mean() for one in samples])
    is_sure = np.abs(word - 0.5) >= CONFIDENT
    flags = word[is_sure] > 0.5
    chosen = [one for one, sure in zip(samples, is_sure, strict=True) if sure]
    result: dict[str, float | None] = {"gender_people": float(len(chosen))}
    for kind in ("raw", "masked"):
        scores = np.array([attacker(getattr(one, kind))[:, 0].mean() for one in chosen])
        enough = min(flags.sum(), (~flags).sum()) >= 3 if len(chosen) else False
        result[f"gender_auc_{kind}"] = area_under_curve(scores, flags) if enough else None
    return result


def _unit(values: Floats) -> Floats:
    return np.asarray(values / np.maximum(np.linalg.norm(values, axis=-1, keepdims=True), 1e-9), np.float32)
