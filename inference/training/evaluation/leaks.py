"""How often masked people leak through time, in clips where people are known (`clips.py`).

The network looks at each frame once; the masker runs on what it said. What is counted is what a viewer would see:
pixels of the masked picture itself. A person in a frame is *covered* if at least 90 % of the body core is (an ellipse
of 50 % of the box's width and 90 % of its height). A *leak* is a run of frames in which one person is not. People count
from 40 pixels of height in the frame scaled into 640x360; smaller ones are counted apart.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import process_time
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt
from scipy.stats import chi2

from inference.core.frames import MaskedFrame
from inference.core.masking.base import Segmenter
from inference.core.masking.paca_seg import PacaSegConfig, PacaSegMasker
from inference.core.masking.second_look import REFERENCE as REFERENCE
from inference.core.masking.second_look import SMALLEST_PX as SMALLEST_PX
from inference.training.evaluation.answers import Replay, answers
from inference.training.evaluation.clips import Clip, Person, frame_rate
from inference.training.evaluation.clips import frames as frames
from inference.training.evaluation.clips import people as people
from inference.training.evaluation.strata import Interval, ratio_interval, share

ENOUGH: Final = 0.9
CORE: Final = (0.5, 0.9)
"""Share of the box's width and height that the ellipse of the body core has."""
MARGIN: Final = 0.2
"""Boxes grow by this share all round before background is counted: human boxes are tight."""
LEVEL: Final = 0.95

Figures = dict[str, Any]


@dataclass(slots=True)
class Tally:
    """What is counted while a masker runs over one clip.

    Attributes:
        covered: by person, (frame, is covered) in order; people large enough to count.
        in_sight: the same without frames that were withheld.
        small: for smaller people, is covered.
        background: share of the background that is masked, per labelled frame that was not withheld.
        ms: CPU time of masking per frame, without the network.
        withheld: frames withheld; nobody is seen in them, so people count as covered.
        shown: frames that came out.
        rate: frames per second.
        is_tracked: runs of frames can be counted.
    """

    covered: dict[int, list[tuple[int, bool]]] = field(default_factory=lambda: defaultdict(list))
    in_sight: list[bool] = field(default_factory=list)
    small: list[bool] = field(default_factory=list)
    background: list[float] = field(default_factory=list)
    ms: list[float] = field(default_factory=list)
    withheld: int = 0
    shown: int = 0
    rate: float = 25.0
    is_tracked: bool = True


def ablation(default: PacaSegConfig | None = None) -> dict[str, PacaSegConfig]:
    """Return the masker's settings as they are built up, each frame alone first and the default itself last."""
    default = default or PacaSegConfig()
    grown = replace(default, hold_s=0.0, look_ahead_s=0.0)
    return {
        "each frame alone": replace(grown, threshold_low=default.threshold, dilation=0.0),
        "+ dilation": grown,
        "+ hold": replace(default, look_ahead_s=0.0),
        "+ look-ahead": default,
    }


def count(masked: MaskedFrame, persons: Sequence[Person], ignore: Sequence[Any], colour: Any, tally: Tally) -> None:
    """Add one labelled, masked frame to `tally`.

    Args:
        masked: the frame.
        persons: who is in it.
        ignore: boxes (xyxy pixels) that are no background.
        colour: RGB of what is covered.
        tally: is added to.
    """
    height, width = masked.image.shape[:2]
    factor = min(REFERENCE[0] / width, REFERENCE[1] / height)
    is_covered = (masked.image == np.array(colour, np.uint8)).all(axis=2) | bool(masked.withheld)
    background = np.ones((height, width), np.uint8)
    for left, top, right, bottom in ignore:
        cv2.rectangle(background, (int(left), int(top)), (round(right), round(bottom)), (0,), -1)
    for person in persons:
        left, top, right, bottom = person.box
        tall, wide = bottom - top, right - left
        corner = int(left - MARGIN * wide), int(top - MARGIN * tall)
        cv2.rectangle(background, corner, (round(right + MARGIN * wide), round(bottom + MARGIN * tall)), (0,), -1)
        share_covered = core_covered(is_covered, person.box)
        if share_covered is None:
            continue
        if tall * factor >= SMALLEST_PX:
            tally.covered[person.id].append((masked.index, share_covered >= ENOUGH))
            if not masked.withheld:
                tally.in_sight.append(share_covered >= ENOUGH)
        else:
            tally.small.append(share_covered >= ENOUGH)
    if background.any() and not masked.withheld:
        tally.background.append(float(is_covered[background > 0].mean()))


def core_covered(is_covered: npt.NDArray[np.bool_], box: Sequence[float]) -> float | None:
    """Return the share of a box's body core that is covered, None where none of the core is in the frame.

    Args:
        is_covered: `bool (H, W)`.
        box: xyxy in pixels, may reach out of the frame.
    """
    left, top, right, bottom = box
    x1, y1 = max(0, int(left)), max(0, int(top))
    part = is_covered[y1 : max(0, round(bottom)) + 1, x1 : max(0, round(right)) + 1]
    if not part.size:
        return None
    core = np.zeros(part.shape, np.uint8)
    middle = round((left + right) / 2) - x1, round((top + bottom) / 2) - y1
    axes = max(1, round(CORE[0] / 2 * (right - left))), max(1, round(CORE[1] / 2 * (bottom - top)))
    cv2.ellipse(core, middle, axes, 0, 0, 360, (1,), -1)
    return float(part[core > 0].mean()) if core.any() else None


def watch(clip: Clip, maps: npt.NDArray[np.float16], config: PacaSegConfig) -> Tally:
    """Run a masker with `config` over a clip whose network answers are known; count what is seen."""
    tally = Tally(rate=frame_rate(clip.video), is_tracked=clip.is_tracked)
    masker = PacaSegMasker(replace(config), Replay(maps))

    def add(ready: list[MaskedFrame]) -> None:
        for masked in ready:
            tally.shown += 1
            tally.withheld += bool(masked.withheld)
            if clip.is_tracked or masked.index in clip.people:
                here = clip.people.get(masked.index, [])
                count(masked, here, clip.ignore.get(masked.index, []), config.colour, tally)

    for raw in frames(clip.video, clip.frames):
        started = process_time()
        ready = masker.push(raw)
        tally.ms.append((process_time() - started) * 1000.0)
        add(ready)
    add(masker.flush())
    return tally


def result(tallies: Sequence[Tally]) -> Figures:
    """Return the figures over clips; keys are flat and stable but for `intervals`.

    Returns:
        `instance_frames`, `people`, `instance_frame_recall` (0-1), the same for `small_...`; `recall_in_sight` of
        `instance_frames_in_sight`: without withheld frames, in which everybody counts as covered;
        `background_masked` (0-1, frames not withheld), `withheld_frames`, `frames`, `ms_beyond_network` (CPU,
        median). Of tracked clips only (None without): `camera_hours`, `leaks`, `leaks_per_camera_hour`,
        `longest_leak_frames`, `longest_leak_s`, `entry_frames_mean`, `entry_frames_max` (frames from a person's
        first one until they are covered). `intervals`, 95 %: recall when people are drawn again (clips where
        single frames are labelled), leaks per hour as a Poisson count.
    """
    tracked = [one for one in tallies if one.is_tracked]
    units = _units(tallies)
    in_sight = [is_covered for one in tallies for is_covered in one.in_sight]
    background = [value for one in tallies for value in one.background]
    small = [is_covered for one in tallies for is_covered in one.small]
    found: Figures = {
        "instance_frames": int(sum(whole for _, whole in units)),
        "people": sum(len(one.covered) for one in tracked) or None,
        "instance_frame_recall": share(sum(part for part, _ in units), sum(whole for _, whole in units)),
        "instance_frames_in_sight": len(in_sight),
        "recall_in_sight": share(sum(in_sight), len(in_sight)),
        "small_instance_frames": len(small),
        "small_instance_frame_recall": share(sum(small), len(small)),
        "background_masked": float(np.mean(background)) if background else None,
        "withheld_frames": sum(one.withheld for one in tallies),
        "frames": sum(one.shown for one in tallies),
        "ms_beyond_network": float(np.median([value for one in tallies for value in one.ms])),
    }
    intervals: dict[str, Interval] = {"instance_frame_recall": ratio_interval(*np.array(units, float).reshape(-1, 2).T)}
    if tracked:
        runs, entries = _runs(tracked)
        hours = sum(one.shown / one.rate for one in tracked) / 3600.0
        found |= {
            "camera_hours": hours,
            "leaks": len(runs),
            "leaks_per_camera_hour": len(runs) / hours,
            "longest_leak_frames": max((run for run, _ in runs), default=0),
            "longest_leak_s": max((run / rate for run, rate in runs), default=0.0),
            "entry_frames_mean": float(np.mean(entries)) if entries else None,
            "entry_frames_max": max(entries, default=None),
        }
        intervals["leaks_per_camera_hour"] = poisson_interval(len(runs), hours)
    return {**found, "intervals": intervals}


def _units(tallies: Sequence[Tally]) -> list[tuple[float, float]]:
    """Covered and all instance-frames of each person who was followed, and of each clip labelled in single frames."""
    units = []
    for tally in tallies:
        shares = [[is_covered for _, is_covered in seen] for seen in tally.covered.values()]
        if not tally.is_tracked:  # the people of one picture share its light and its view
            shares = [[is_covered for seen in shares for is_covered in seen]]
        units += [(float(sum(one)), float(len(one))) for one in shares]
    return units


def _runs(tallies: Sequence[Tally]) -> tuple[list[tuple[int, float]], list[int]]:
    """Each leak as (frames, frames per second), and the frames that each person was seen bare on entering."""
    leaks: list[tuple[int, float]] = []
    entries: list[int] = []
    for tally in tallies:
        for seen in tally.covered.values():
            run = 0
            for _, is_covered in [*seen, (-1, True)]:
                if is_covered and run:
                    leaks.append((run, tally.rate))
                run = 0 if is_covered else run + 1
            entries.append(next((at for at, (_, is_covered) in enumerate(seen) if is_covered), len(seen)))
    return leaks, entries


def poisson_interval(events: int, hours: float) -> list[float]:
    """Return the exact 95 % interval of a rate per hour. Source: Garwood, Biometrika 28, 1936, 437-442."""
    tail = (1 - LEVEL) / 2
    low = float(chi2.ppf(tail, 2 * events)) / 2 if events else 0.0
    return [low / hours, float(chi2.ppf(1 - tail, 2 * events + 2)) / 2 / hours]


def measure(
    clips: Sequence[Clip], network: Segmenter, settings: dict[str, PacaSegConfig], cache: Path | None = None
) -> dict[str, dict[str, Tally]]:
    """Run every setting over every clip, the network only once over each.

    Returns:
        By setting, then by clip (its file's stem).
    """
    tallies: dict[str, dict[str, Tally]] = {name: {} for name in settings}
    for clip in clips:
        maps = answers(clip.video, network, clip.frames, cache)
        for name, config in settings.items():
            tallies[name][clip.video.stem] = watch(clip, maps, config)
    return tallies
