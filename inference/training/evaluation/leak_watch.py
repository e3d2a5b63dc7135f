"""What the leak watch is worth: how many known misses it finds, and how often it cries leak for nothing.

Misses are made by switching parts of the masker off (`leaks.ablation`), or by a fault that no masker of ours has: what
is covered is what should have been covered a second before. They are known by human labels. The watch looks at every
labelled frame. A miss is *found* if a region that the watch calls open lies on the person; a leak told is *false*
if it lies on nobody who is missed. Of false ones some are people without a label, and some are edges of a covered
person beyond the core that labels judge.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path
from time import process_time
from typing import Any, Final

import numpy as np
from tqdm import tqdm

from inference.core.errors import CoreError
from inference.core.frames import MaskedFrame, RawFrame
from inference.core.masking.base import Segmenter
from inference.core.masking.paca_seg import PacaSegConfig, PacaSegMasker
from inference.core.masking.second_look import Pixels, covered_pixels, is_open, regions
from inference.training.evaluation.answers import Replay, answers
from inference.training.evaluation.clips import Clip, Person, frame_rate, frames
from inference.training.evaluation.leaks import ENOUGH, REFERENCE, SMALLEST_PX, ablation, core_covered
from inference.training.evaluation.strata import share

LIES_ON: Final = 0.2
"""Of a person's box or of a region: so much in common, and the region is about that person."""
LATE_S: Final = 1.0
LATE: Final = "the mask of a second before"
COUNTS: Final = ("looks", "people", "misses", "misses_found", "regions", "told", "told_false")


def evaluate_leak_watch(
    clips: Sequence[Clip], masker: Segmenter, watch: Segmenter, cache: Path | None = None
) -> dict[str, Any]:
    """Measure the watch on labelled clips, under each setting of the masker.

    Args:
        clips: tracked, or labelled in single frames.
        masker: the masker's network.
        watch: the network of the second look.
        cache: folder for the masker's network answers.

    Returns:
        By setting, and for the fault: `looks`, `people` (labelled, tall enough), `misses` (their core not covered),
        `misses_found`, `regions` (what the watch counts as people), `told`, `told_false`, `found_share`,
        `told_per_1000` and `false_per_1000` regions. And `ms_per_look`: CPU time of a second look, median.

    Raises:
        CoreError: no clip was given.
    """
    if not clips:
        raise CoreError("There is no clip to measure the leak watch in.")
    settings = ablation()
    totals = {name: dict.fromkeys(COUNTS, 0) for name in (*settings, LATE)}
    looks_ms: list[float] = []
    for clip in clips:
        maps = answers(clip.video, masker, clip.frames, cache)
        masked = {name: _masked(clip, Replay(maps), config) for name, config in settings.items()}
        before: deque[Pixels] = deque(maxlen=round(LATE_S * frame_rate(clip.video)) + 1)
        for raw in tqdm(frames(clip.video, clip.frames), desc=clip.video.stem, unit="frame", leave=False):
            covered = {name: _covered(raw, next(one)) for name, one in masked.items()}
            before.append(covered[list(settings)[-1]])
            covered[LATE] = before[0]
            if clip.is_tracked or raw.index in clip.people:
                started_s = process_time()
                seen = regions(raw.image, [watch])
                looks_ms.append((process_time() - started_s) * 1000.0)
                for name, pixels in covered.items():
                    _count(pixels, clip.people.get(raw.index, []), seen, totals[name])
    found = {name: counts | _rates(counts) for name, counts in totals.items()}
    return {**found, "ms_per_look": float(np.median(looks_ms)) if looks_ms else None}


def _masked(clip: Clip, network: Segmenter, config: PacaSegConfig) -> Iterator[MaskedFrame]:
    masker = PacaSegMasker(config, network)
    for raw in frames(clip.video, clip.frames):
        yield from masker.push(raw)
    yield from masker.flush()


def _covered(raw: RawFrame, shown: MaskedFrame) -> Pixels:
    return np.asarray(covered_pixels(raw.image, shown.image) | bool(shown.withheld), np.bool_)


def _count(covered: Pixels, persons: Sequence[Person], seen: Sequence[Pixels], counts: dict[str, int]) -> None:
    factor = min(REFERENCE[0] / covered.shape[1], REFERENCE[1] / covered.shape[0])
    told = [region for region in seen if is_open(region, covered)]
    shares = [(person, core_covered(covered, person.box)) for person in persons]
    missed = [person for person, share_covered in shares if share_covered is not None and share_covered < ENOUGH]
    large = [person for person in missed if _tall(person, factor)]
    counts["looks"] += 1
    counts["people"] += sum(share_covered is not None and _tall(person, factor) for person, share_covered in shares)
    counts["regions"] += len(seen)
    counts["told"] += len(told)
    counts["told_false"] += sum(not any(_is_on(region, person) for person in missed) for region in told)
    counts["misses"] += len(large)
    counts["misses_found"] += sum(any(_is_on(region, person) for region in told) for person in large)


def _tall(person: Person, factor: float) -> bool:
    return (person.box[3] - person.box[1]) * factor >= SMALLEST_PX


def _is_on(region: Pixels, person: Person) -> bool:
    left, top, right, bottom = (max(0, round(value)) for value in person.box)
    common = int(np.count_nonzero(region[top:bottom, left:right]))
    area = max(1, (right - left) * (bottom - top))
    return common >= LIES_ON * min(area, int(np.count_nonzero(region)))


def _rates(counts: dict[str, int]) -> dict[str, float | None]:
    told, false = share(counts["told"], counts["regions"]), share(counts["told_false"], counts["regions"])
    return {
        "found_share": share(counts["misses_found"], counts["misses"]),
        "told_per_1000": None if told is None else 1000 * told,
        "false_per_1000": None if false is None else 1000 * false,
    }
