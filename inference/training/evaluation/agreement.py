"""Without labels: where a slower ensemble sees a person whom masking leaves open.

The ensemble is two opinions. Our own network at size m and size s, each also on the mirrored picture, averaged: better
than the masker's one pass, but of the same descent, so that it shares blind spots. And, where its file is given,
person-detection-0201 of others on the whole frame and on tiles. **Agreement is not truth**: a region may be no
person, and whom both overlook is not counted. Source: test-time augmentation, Simonyan & Zisserman, 2015,
arXiv:1409.1556, section 3.2.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from inference.core.errors import CoreError
from inference.core.frames import Image, MaskedFrame
from inference.core.masking.base import Segmenter
from inference.core.masking.paca_seg import PacaSegConfig, PacaSegMasker
from inference.core.masking.second_look import SURE, regions, tall_px
from inference.training.evaluation.answers import Replay, answers
from inference.training.evaluation.clips import frame_rate, frames
from inference.training.evaluation.label_frames import propose
from inference.training.evaluation.leaks import SMALLEST_PX, core_covered, poisson_interval

OPEN: Final = 0.3
"""Less of the region covered than this share, and it was left open."""
EVERY_S: Final = 0.5
"""Seconds between the frames that the ensemble looks at."""

Covered = npt.NDArray[np.bool_]


def evaluate_agreement(
    videos: Sequence[Path], networks: Sequence[Segmenter], teacher: Path | None = None, cache: Path | None = None
) -> dict[str, Any]:
    """Count regions that the ensemble calls a person and the masker leaves open.

    Args:
        videos: unlabelled footage.
        networks: the masker's own first, then those that the ensemble has beside it.
        teacher: OpenVINO file of person-detection-0201; None leaves its opinion out.
        cache: folder for network answers.

    Returns:
        `regions`, `regions_open` (our own ensemble: at least 40 px tall in the frame scaled into 640x360, less than
        30 % covered), `boxes`, `boxes_open` (the detector's, by body core; None without `teacher`),
        `..._open_per_camera_hour` (as if what one frame in half a second shows were all there is), `looks` (frames the
        ensemble saw), `withheld_looks` (nobody is seen in them), `camera_hours`, `intervals`, `videos`: the counts of
        each.

    Raises:
        CoreError: no video was given, or the teacher's file is not there.
    """
    if not videos:
        raise CoreError("There is no video to compare in.")
    by_video = {video.name: _compare(video, networks, teacher, cache) for video in videos}
    total: dict[str, Any] = {key: sum(one[key] for one in by_video.values()) for key in next(iter(by_video.values()))}
    hours = total["camera_hours"]
    kinds = ("regions",) if teacher is None else ("regions", "boxes")
    for kind in kinds:
        total[f"{kind}_open_per_camera_hour"] = total[f"{kind}_open"] / hours
    if teacher is None:
        total["boxes"] = total["boxes_open"] = None
    intervals = {f"{kind}_open_per_camera_hour": poisson_interval(total[f"{kind}_open"], hours) for kind in kinds}
    return {**total, "intervals": intervals, "videos": by_video}


def _compare(video: Path, networks: Sequence[Segmenter], teacher: Path | None, cache: Path | None) -> dict[str, float]:
    rate = frame_rate(video)
    step = max(1, round(EVERY_S * rate))
    found = dict.fromkeys(("regions", "regions_open", "boxes", "boxes_open", "looks", "withheld_looks"), 0.0)
    masked = _masked(video, networks[0], cache)
    count = 0
    for raw, shown in tqdm(zip(frames(video), masked, strict=True), unit="frame", desc=video.stem, leave=False):
        count += 1
        if raw.index % step:
            continue
        found["looks"] += 1
        found["withheld_looks"] += bool(shown.withheld)
        is_covered = _is_covered(shown)
        for is_region in regions(raw.image, networks):
            found["regions"] += 1
            found["regions_open"] += bool(is_covered[is_region].mean() < OPEN)
        for box in boxes(raw.image, teacher) if teacher is not None else ():
            share_covered = core_covered(is_covered, box)
            found["boxes"] += share_covered is not None
            found["boxes_open"] += share_covered is not None and share_covered < OPEN
    return {**found, "camera_hours": count / rate / 3600.0}


def _masked(video: Path, network: Segmenter, cache: Path | None) -> Iterator[MaskedFrame]:
    masker = PacaSegMasker(PacaSegConfig(), Replay(answers(video, network, None, cache)))
    for raw in frames(video):
        yield from masker.push(raw)
    yield from masker.flush()


def _is_covered(shown: MaskedFrame) -> Covered:
    colour = np.array(PacaSegConfig().colour, np.uint8)
    return np.asarray((shown.image == colour).all(axis=2) | bool(shown.withheld), np.bool_)


def boxes(image: Image, teacher: Path) -> list[list[float]]:
    """Return the detector's sure boxes of people tall enough to count, xyxy in pixels."""
    found = propose(image, teacher)
    return [row[:4].tolist() for row in found if row[4] >= SURE and tall_px(row[3] - row[1], image) >= SMALLEST_PX]
