"""What share of simulated incidents is found at each threshold, and whether the region lies where they are.

Whole scenes that training never saw pass through a masker's errors and the real detector; the simulator knows who is
involved. These figures choose between settings and show that regions point at somebody. They are no accuracy: nobody
knows how well simulated incidents stand for real ones.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from inference.core.detection.model import load_model
from inference.core.detection.scorer import Judgement
from inference.core.events import Polygon
from inference.core.sensitivity import THRESHOLDS
from inference.training.detection.corrupt import MaskErrors
from inference.training.detection.views import BagConfig, draw_scene
from inference.training.evaluation.judging import event_starts, new_scorer, scored
from inference.training.simulation.scene import SceneFrame, simulate

Floats = npt.NDArray[np.float32]
FIRST_SEED: Final = 700_000
"""Training draws its scenes from far below."""
GRID: Final = (90, 160)
SMALLEST_CELLS: Final = 9
"""Incidents among people smaller than this on the grid are in the picture and cannot be told apart: not counted."""
SEEN_S: Final = 1.0
LATE_S: Final = 2.0
"""A call may come so long after the end of an incident, as a moment is judged by its last two seconds."""
HIT_OVERLAP: Final = 0.3
ELSEWHERE: Final = 0.05


@dataclass(frozen=True, slots=True)
class Incident:
    """One simulated incident and what became of it.

    Attributes:
        kind: of the simulator.
        is_seen: somebody involved was in the picture, large enough, for `SEEN_S`.
        found: whether each of `THRESHOLDS` called.
        is_found: whether the default threshold called.
        delay_s: seconds from its start to the call at the default threshold; None where it was missed.
        overlap: of the region's box with the box around those involved, at the peak, 0-1.
        width: area of the region's box by that of the box around those involved; 0 where nothing was scored.
    """

    kind: str
    is_seen: bool
    found: tuple[bool, ...] = field(default=(), repr=False)
    is_found: bool = False
    delay_s: float | None = None
    overlap: float = 0.0
    width: float = 0.0

    @property
    def region_miss(self) -> str:
        """Why the region does not count as a hit, in a word; empty where it does."""
        if self.overlap >= HIT_OVERLAP:
            return ""
        if self.overlap < ELSEWHERE:
            return "elsewhere"
        return "too wide" if self.width > 1.0 / HIT_OVERLAP else "too narrow" if self.width < HIT_OVERLAP else "beside"


@dataclass(frozen=True, slots=True)
class Window:
    """The part of a simulated picture that a camera shows, xyxy in its pixels."""

    box: tuple[int, int, int, int]

    @classmethod
    def drawn(cls, frames: Sequence[SceneFrame], chance: np.random.Generator) -> "Window":
        """Draw one: the whole picture, or closer to those involved, never centred on them exactly."""
        height, width = frames[0].class_map.shape
        zoom = float(chance.choice([1.0, np.exp(chance.uniform(np.log(1.5), np.log(4.0)))]))
        size = np.array([width / zoom, height / zoom])
        marked = [boxes for frame in frames if len(boxes := involved_boxes(frame))]
        boxes = marked[len(marked) // 3].mean(axis=0) if marked else np.array([0, 0, width, height])
        focus = np.array([boxes[[0, 2]].mean(), boxes[[1, 3]].mean()]) + chance.normal(0.0, 0.15, 2) * size
        corner = np.clip(focus - size / 2, 0, np.array([width, height]) - size).astype(int)
        return cls((int(corner[0]), int(corner[1]), int(corner[0] + size[0]), int(corner[1] + size[1])))

    def class_map(self, frame: SceneFrame) -> npt.NDArray[np.uint8]:
        """Give what it shows, on the grid."""
        left, top, right, bottom = self.box
        cut = frame.class_map[top:bottom, left:right]
        return np.asarray(cv2.resize(cut, (GRID[1], GRID[0]), interpolation=cv2.INTER_NEAREST), np.uint8)

    def boxes(self, boxes: Floats) -> Floats:
        """Give boxes (N, 4) of the simulated picture in cells of the grid."""
        left, top, right, bottom = self.box
        scale = np.array([GRID[1] / (right - left), GRID[0] / (bottom - top)] * 2)
        return np.asarray((boxes - np.array([left, top] * 2)) * scale, np.float32)


def involved_boxes(frame: SceneFrame) -> Floats:
    """Give the boxes (M, 4), pixels, of those involved in what goes on, as far as they are in the picture."""
    return np.asarray(frame.people.boxes[np.isin(frame.people.ids, frame.incident.ids)], np.float32)


def visible(boxes: Floats) -> Floats:
    """Give those boxes, cells, whose middle is on the grid, cut to it, and large enough to be told apart."""
    middle = (boxes[:, :2] + boxes[:, 2:]) / 2
    size = (boxes[:, 2:] - boxes[:, :2]).max(axis=1, initial=0.0)
    is_in = ((middle > 0) & (middle < np.array([GRID[1], GRID[0]]))).all(axis=1) & (size >= SMALLEST_CELLS)
    return np.asarray(np.clip(boxes[is_in], 0, np.array([GRID[1], GRID[0]] * 2)), np.float32)


def compare_boxes(region: Polygon, boxes: Floats) -> tuple[float, float]:
    """Compare a region's box with the box around `boxes` (M, 4), cells: intersection over union, and area by area."""
    if not len(boxes):
        return 0.0, 0.0
    corners = np.array(region) * np.array([GRID[1], GRID[0]])
    first = np.concatenate([corners.min(axis=0), corners.max(axis=0)])
    second = np.concatenate([boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)])
    shared = np.clip(np.minimum(first[2:], second[2:]) - np.maximum(first[:2], second[:2]), 0, None).prod()
    own, true = (first[2:] - first[:2]).prod(), (second[2:] - second[:2]).prod()
    return float(shared / (own + true - shared)), float(own / true)


def watch_scene(seed: int, bag: BagConfig) -> Incident:
    """Simulate the scene of a seed, which holds one incident, look at it through faulty masks and judge."""
    config = draw_scene(seed, replace(bag, incident_share=1.0))
    frames = list(simulate(config, render=False))[::2]  # 5 or 6.25 frames a second, as cameras run
    chance = np.random.default_rng([seed, 73])
    window, errors, scorer = Window.drawn(frames, chance), MaskErrors(chance, GRID), new_scorer()
    judged: list[Judgement] = []
    truth: dict[float, Floats] = {}
    last_s = -1.0 / config.fps
    for frame in frames:
        cells = window.boxes(frame.people.boxes)
        seen = errors.apply(window.class_map(frame), frame.people.ids, cells, frame.time_s - last_s)
        last_s = frame.time_s
        if frame.incident.label:
            truth[frame.time_s] = visible(window.boxes(involved_boxes(frame)))
        moment = scorer.update(seen, frame.time_s, len(visible(cells)))
        if moment is not None:
            judged.append(moment)
    return _outcome(config.incidents[0].kind, judged, truth)


def _outcome(kind: str, judged: Sequence[Judgement], truth: dict[float, Floats]) -> Incident:
    times = sorted(truth)
    steps = np.diff(times).mean() if len(times) > 1 else 0.0
    if not times or sum(len(boxes) > 0 for boxes in truth.values()) * steps < SEEN_S:
        return Incident(kind, is_seen=False)
    first_s, last_s = times[0], times[-1]
    during = [moment for moment in judged if len(truth.get(moment.time_s, ()))]

    series = scored(judged)

    def call(threshold: float) -> float | None:
        calls = [at_s for _, at_s in event_starts(series, threshold) if first_s <= at_s <= last_s + LATE_S]
        return calls[0] - first_s if calls else None

    peak = max(during, key=lambda moment: moment.score, default=None)
    delay_s = call(load_model().threshold)
    overlap, width = (0.0, 0.0) if peak is None else compare_boxes(peak.region, truth[peak.time_s])
    return Incident(
        kind=kind,
        is_seen=True,
        found=tuple(call(threshold) is not None for threshold in THRESHOLDS),
        is_found=delay_s is not None,
        delay_s=delay_s,
        overlap=overlap,
        width=width,
    )


def evaluate_incidents(scenes: int, seed: int = FIRST_SEED, workers: int = 1) -> dict[str, Any]:
    """Watch `scenes` simulated scenes with one incident each; the same for any number of workers.

    Returns:
        `scenes`, `events` (seen large enough), `found` (share at the default threshold), `seconds_to_call` (median),
        `region_hits` (share of all events whose region overlaps those involved by at least .3 of boxes),
        `region_hits_found` (the same among those found), both by kind; share of events whose region is `elsewhere`,
        `too wide`, `too narrow` or `beside`; and the list `found_by_threshold`.
    """
    with ProcessPoolExecutor(workers, initializer=cv2.setNumThreads, initargs=(1,)) as pool:
        jobs = [pool.submit(watch_scene, seed + number, BagConfig()) for number in range(scenes)]
        return summary([job.result() for job in tqdm(jobs, desc="scenes", unit="scene")])


def summary(outcomes: Iterable[Incident]) -> dict[str, Any]:
    """Sum up what became of incidents; the keys are those of `evaluate_incidents`."""
    every = list(outcomes)
    events = [outcome for outcome in every if outcome.is_seen]
    called = [outcome for outcome in events if outcome.is_found]
    delays = [outcome.delay_s for outcome in called if outcome.delay_s is not None]
    result: dict[str, Any] = {
        "scenes": len(every),
        "events": len(events),
        "found": _share(outcome.is_found for outcome in events),
        "seconds_to_call": round(float(np.median(delays)), 2) if delays else None,
        "region_hits": _share(outcome.overlap >= HIT_OVERLAP for outcome in events),
        "region_hits_found": _share(outcome.overlap >= HIT_OVERLAP for outcome in called),
    }
    for kind, count in sorted(Counter(outcome.kind for outcome in events).items()):
        own = [outcome for outcome in events if outcome.kind == kind]
        result |= {
            f"events {kind}": count,
            f"found {kind}": _share(outcome.is_found for outcome in own),
            f"region_hits {kind}": _share(outcome.overlap >= HIT_OVERLAP for outcome in own),
        }
    for why in ("elsewhere", "too wide", "too narrow", "beside"):
        result[f"region {why}"] = _share(outcome.region_miss == why for outcome in events)
    columns = zip(*(outcome.found for outcome in events), strict=True)
    return result | {"found_by_threshold": [_share(column) for column in columns]}


def _share(flags: Iterable[bool]) -> float | None:
    values = list(flags)
    return round(float(np.mean(values)), 4) if values else None
