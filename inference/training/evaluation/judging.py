"""Judging what a masker saw, moment by moment, with the whole detector or with one part of it alone."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from inference.core.detection.episodes import Episode, EpisodeConfig
from inference.core.detection.flow_expert import load_flow_expert
from inference.core.detection.flow_statistics import FlowStatistics
from inference.core.detection.mask_flow import MaskFlow
from inference.core.detection.model import load_model
from inference.core.detection.scorer import Judgement, Scorer
from inference.core.frames import PERSON
from inference.training.evaluation.seen import Seen

Floats = npt.NDArray[np.float64]
AREA_S: Final = 0.2


@dataclass(frozen=True, slots=True)
class Scored:
    """The score (0-1) of each moment of a file: `float64 (T,)` both, seconds and scores."""

    times: Floats = field(repr=False)
    scores: Floats = field(repr=False)

    @property
    def highest(self) -> float:
        """The highest, 0 where nothing was judged."""
        return float(self.scores.max(initial=0.0))

    @property
    def hours(self) -> float:
        """From the first to the last moment."""
        return float(self.times[-1] - self.times[0]) / 3600.0 if len(self.times) else 0.0


def new_scorer() -> Scorer:
    """Return the scorer as it runs, with the shipped weights."""
    return Scorer(load_model(), load_flow_expert())


def judge(seen: Seen, scorer: Scorer | None = None) -> list[Judgement]:
    """Judge every moment of a file; withheld frames are nothing and break the motion."""
    judging = new_scorer() if scorer is None else scorer
    result = []
    for class_map, time_s, people, is_withheld in zip(
        seen.class_maps, seen.times, seen.people, seen.is_withheld, strict=True
    ):
        if is_withheld:
            judging.reset()
            continue
        judged = judging.update(class_map, float(time_s), int(people))
        if judged is not None:
            result.append(judged)
    return result


def scored(judged: Sequence[Judgement]) -> Scored:
    """Keep times and scores only."""
    times = np.array([moment.time_s for moment in judged], np.float64)
    return Scored(times, np.array([moment.score for moment in judged], np.float64))


def whole(seen: Seen) -> Scored:
    """Score with the detector as it runs."""
    return scored(judge(seen))


def heads_alone(seen: Seen) -> Scored:
    """Score with the tracklet and pair model alone, without the flow expert."""
    return scored(judge(seen, Scorer(load_model())))


def flow_alone(seen: Seen) -> Scored:
    """Score with the flow expert alone: the evidence of each moment, as 0-1."""
    expert, flow, meter = load_flow_expert(), MaskFlow(), FlowStatistics()
    times, scores = [], []
    for class_map, time_s, is_withheld in zip(seen.class_maps, seen.times, seen.is_withheld, strict=True):
        if is_withheld:
            flow.reset()
            meter.reset()
            continue
        statistics = meter.update(flow.update(class_map, float(time_s)))
        if statistics is not None:
            times.append(float(time_s))
            scores.append(1.0 / (1.0 + np.exp(-expert.logit(statistics))))
    return Scored(np.array(times, np.float64), np.array(scores, np.float64))


def changed_area(seen: Seen) -> Scored:
    """Score by how much changes at all: share of cells that became or ceased to be person within `AREA_S`."""
    times, scores = [], []
    person = seen.class_maps == PERSON
    for index in range(len(seen.times)):
        before = int(np.searchsorted(seen.times, seen.times[index] - AREA_S + 1e-6, side="right")) - 1
        if before < 0 or seen.is_withheld[before : index + 1].any():
            continue
        times.append(float(seen.times[index]))
        scores.append(float((person[index] != person[before]).mean()))
    return Scored(np.array(times, np.float64), np.array(scores, np.float64))


PARTS: Final[dict[str, Callable[[Seen], Scored]]] = {
    "fused, as it runs": whole,
    "tracklets and pairs alone": heads_alone,
    "flow expert alone": flow_alone,
    "changed area alone (baseline)": changed_area,
}


def event_starts(series: Scored, threshold: float) -> list[tuple[float, float]]:
    """Give (start, moment of the call) of each event that the default hysteresis would have started, in seconds."""
    episode = Episode(EpisodeConfig(threshold=threshold))
    calls = []
    for time_s, score in zip(series.times.tolist(), series.scores.tolist(), strict=True):
        if episode.update(score, time_s) == "started" and episode.started_s is not None:
            calls.append((episode.started_s, time_s))
    return calls


def count_alarms(series: Scored, threshold: float) -> int:
    """Count the events that the default hysteresis would have started."""
    return len(event_starts(series, threshold))
