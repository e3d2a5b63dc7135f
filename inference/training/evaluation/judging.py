"""Judging what a masker saw, moment by moment, with the whole detector or with parts of it."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from inference.core.detection.episodes import Episode, EpisodeConfig
from inference.core.detection.flow_expert import load_flow_expert
from inference.core.detection.model import load_model
from inference.core.detection.scorer import Judgement, Scorer
from inference.training.evaluation.seen import Seen

PARTS: Final = ("whole", "heads")
"""`whole`: as it runs. `heads`: the tracklet and pair model without the flow expert."""


def new_scorer(part: str = "whole") -> Scorer:
    """Return a scorer with the shipped weights: the whole, or one part of it.

    Raises:
        ValueError: `part` is none of `PARTS`.
    """
    if part not in PARTS:
        raise ValueError(f"`part` must be one of {', '.join(PARTS)}, got {part!r}.")
    return Scorer(load_model(), load_flow_expert() if part == "whole" else None)


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


def event_starts(times: Sequence[float], scores: Sequence[float], threshold: float) -> list[tuple[float, float]]:
    """Give (start, moment of the call) of each event that the default hysteresis would have started, in seconds."""
    episode = Episode(EpisodeConfig(threshold=threshold))
    calls = []
    for time_s, score in zip(times, scores, strict=True):
        if episode.update(score, time_s) == "started" and episode.started_s is not None:
            calls.append((episode.started_s, time_s))
    return calls


def count_alarms(judged: Sequence[Judgement], threshold: float) -> int:
    """Count the events that the default hysteresis would have started."""
    return len(event_starts([moment.time_s for moment in judged], [moment.score for moment in judged], threshold))


def footage(judged: Sequence[Judgement], threshold: float) -> tuple[int, float]:
    """Give (alarms, hours) of one file."""
    hours = (judged[-1].time_s - judged[0].time_s) / 3600.0 if judged else 0.0
    return count_alarms(judged, threshold), hours


def highest(judged: Sequence[Judgement]) -> float:
    """Give the highest score of a file, 0 where nothing was judged."""
    return float(np.max([moment.score for moment in judged], initial=0.0))
