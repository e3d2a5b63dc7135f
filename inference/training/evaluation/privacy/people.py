"""Pictures of the same people early and late in a clip, raw and masked: what the attacks on masked video work on.

Everybody with a track is seen at up to `LOOKS` moments of its first part (the gallery) and of its last part (the
query), at least `GAP_S` apart. Masked pictures are cut out of masked **video**: the frames go through the masking stage
of the running line, with hold, look-ahead and its checks of trust.

Tracks are human (`tracked-people/NAME.csv` beside the video) or machine-made and looked through by eye
(`tests/labels/tracks`, see `label_tracks.py`); both have the columns of `clips.py`. Pixels stay in memory.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from inference.core.errors import CoreError
from inference.core.frames import Image, MaskedFrame, RawFrame
from inference.core.masking.stage import MaskingStage
from inference.training.evaluation.clips import Clip, Person, frame_rate, frames, people, tracked_clips

MASK_FPS: Final = 12.5
"""Faster video is thinned to about this rate, as cameras are."""
PART: Final = 0.25
"""The gallery lies in the first, the query in the last such part of a track, or less where that keeps them apart."""
GAP_S: Final = 1.5
LOOKS: Final = 4
LEAST_LOOKS: Final = 2
LEAST_PX: Final = 40


@dataclass(frozen=True, slots=True)
class Look:
    """One person at one moment: the same cut of the raw and of the masked frame, `uint8 (h, w, 3)` RGB."""

    raw: Image = field(repr=False)
    masked: Image = field(repr=False)


@dataclass(slots=True)
class Sample:
    """One person in one clip.

    Attributes:
        clip: name of the clip.
        gallery, query: early and late looks.
        gap_s: between the last of the first and the first of the last.
    """

    clip: str
    gallery: list[Look] = field(default_factory=list, repr=False)
    query: list[Look] = field(default_factory=list, repr=False)
    gap_s: float = 0.0


def clips_with_people(data: Path, tracks: Path) -> tuple[list[Clip], list[Clip], list[str]]:
    """Return clips with human tracks, clips with tracks of `tracks`, and the names of those whose video is missing.

    Args:
        data: folder with `tracked-people`; the files of `tracks` have the names of videos below it, ending in .csv.
        tracks: folder of tracks.

    Raises:
        CoreError: there are no human tracks.
    """
    made, missing = [], []
    for table in sorted(tracks.rglob("*.csv")):
        name = table.relative_to(tracks).with_suffix(".mp4")
        if (data / name).is_file():
            made.append(Clip(data / name, people(table)))
        else:
            missing.append(name.as_posix())
    return tracked_clips(data / "tracked-people"), made, missing


def moments(numbers: Sequence[int], rate: float) -> tuple[list[int], list[int]]:
    """Choose frames for the gallery and for the query; empty where the track is too short for both.

    Args:
        numbers: frames in which the person can be cut out, in order.
        rate: frames per second.
    """
    if not numbers:
        return [], []
    span = numbers[-1] - numbers[0]
    part = min(PART * span, (span - GAP_S * rate) / 2)
    early = [number for number in numbers if number <= numbers[0] + part + 1e-6]
    late = [number for number in numbers if number >= numbers[-1] - part - 1e-6]
    if part < 0 or min(len(early), len(late)) < LEAST_LOOKS:
        return [], []
    return _spread(early), _spread(late)


def _spread(numbers: Sequence[int]) -> list[int]:
    return sorted({numbers[round(float(at))] for at in np.linspace(0, len(numbers) - 1, LOOKS)})


def collect(clip: Clip, stage: MaskingStage) -> list[Sample]:
    """Cut the people of a clip out of raw and of masked frames.

    Args:
        clip: a video and who is in it.
        stage: a new masking stage, used up by this.

    Returns:
        Those with at least `LEAST_LOOKS` looks of both kinds: frames that the stage withholds show nobody.
    """
    rate = frame_rate(clip.video)
    step = max(1, round(rate / MASK_FPS))
    seen: dict[int, dict[int, Person]] = {}
    for number in sorted(clip.people):
        for person in clip.people[number] if number % step == 0 else ():
            if person.box[3] - person.box[1] >= LEAST_PX:
                seen.setdefault(person.id, {})[number] = person
    samples, wanted = {known: Sample(clip.video.stem) for known in seen}, dict[int, list[tuple[Person, bool]]]()
    for known, by_frame in seen.items():
        early, late = moments(list(by_frame), rate)
        for is_query, chosen in enumerate((early, late)):
            for number in chosen:
                wanted.setdefault(number, []).append((by_frame[number], bool(is_query)))
        samples[known].gap_s = (late[0] - early[-1]) / rate if early else 0.0
    for number, raw, masked in _masked(clip, stage, wanted, step):
        for person, is_query in wanted[number]:
            _put(samples[person.id], raw, masked, person.box, is_query=is_query)
    return [one for one in samples.values() if min(len(one.gallery), len(one.query)) >= LEAST_LOOKS]


def _masked(
    clip: Clip, stage: MaskingStage, wanted: dict[int, list[tuple[Person, bool]]], step: int
) -> Iterator[tuple[int, Image, Image]]:
    """Yield number, raw and masked picture of the wanted frames that were not withheld."""
    waiting: dict[int, Image] = {}

    def pairs(ready: list[MaskedFrame]) -> Iterator[tuple[int, Image, Image]]:
        for one in ready:
            raw = waiting.pop(one.index * step, None)
            if raw is not None and not one.withheld:
                yield one.index * step, raw, one.image

    last = max(wanted, default=-1)
    for frame in _thinned(clip, step):
        number = frame.index * step
        if number in wanted:
            waiting[number] = frame.image
        yield from pairs(stage.push(frame))
        if number > last and not waiting:
            return
    yield from pairs(stage.flush())


def _thinned(clip: Clip, step: int) -> Iterator[RawFrame]:
    """Yield every `step`-th frame, counted without gaps, as a slower camera would give them."""
    for frame in frames(clip.video, clip.frames):
        if frame.index % step == 0:
            yield replace(frame, index=frame.index // step)


def _put(sample: Sample, raw: Image, masked: Image, box: Any, *, is_query: bool) -> None:
    """Add what `box` shows of both frames to the gallery or the query, if enough of it is in the frame."""
    if raw.shape != masked.shape:
        raise CoreError(f"{sample.clip}: the masked frame is {masked.shape}, the raw one {raw.shape}.")
    before, after = _cut(raw, box), _cut(masked, box)
    if before is not None and after is not None:
        (sample.query if is_query else sample.gallery).append(Look(before, after))


def _cut(image: Image, box: Any) -> Image | None:
    """Return what an xyxy `box` shows; None where less than half of it, or too little to see, is in the frame."""
    left, top, right, bottom = (round(float(value)) for value in box)
    whole = max(1, (right - left) * (bottom - top))
    left, top, right, bottom = max(0, left), max(0, top), min(image.shape[1], right), min(image.shape[0], bottom)
    if bottom - top < LEAST_PX or right - left < LEAST_PX // 4 or (right - left) * (bottom - top) < whole / 2:
        return None
    return np.ascontiguousarray(image[top:bottom, left:right])
