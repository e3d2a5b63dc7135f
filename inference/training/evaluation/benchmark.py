"""Measuring on footage in a published layout, frame by frame and video by video, each said apart.

Frame-level: every moment that was scored has the label of its frame, all videos together, as papers do. Video-level:
the highest score of a video against whether anything happens in it. The two are not comparable, and papers mix them.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from tqdm import tqdm

from inference.training.evaluation.detection import Setup, declared_fps, per_hour, ranking_figures
from inference.training.evaluation.footage import Footage
from inference.training.evaluation.judging import Scored, whole
from inference.training.evaluation.ranking import Flags, area_under_curve, interval_by_group

DRAWS = 200
"""Of the bootstrap; frames are many."""


def evaluate_footage(footage: Sequence[Footage], **options: Any) -> dict[str, Any]:
    """Measure the detector on the test set of a published layout.

    Args:
        footage: as `read_footage` gives it.
        options: fields of `Setup`.

    Returns:
        `level` is `frame` where frames are labelled, else `video`, and `auc`, `ap`, `n`, `recall_at_fpr_*` are of it;
        `auc_low`, `auc_high` (95 %, by group); `video_auc`, `videos`; `alarms_per_hour` on videos without any event;
        at frame level `auc_events_only` (videos with an event only) and `auc_by_video` (mean over those).
    """
    setup = Setup(**options)
    series, flags = [], []
    for one in tqdm(footage, desc="footage", unit="video"):
        scores = whole(setup.see(one.path, one.fps))
        series.append(scores)
        flags.append(_flags(one, scores))
    highest = np.array([scores.highest for scores in series])
    has_event = np.array([one.is_event for one in footage])
    ordinary = [scores for scores, is_event in zip(series, has_event, strict=True) if not is_event]
    report = {
        "videos": len(footage),
        "video_auc": _rounded(area_under_curve(highest, has_event)),
        "alarms_per_hour": per_hour(ordinary, setup.limit),
    }
    groups = np.unique([one.group for one in footage], return_inverse=True)[1].astype(np.int64)
    if any(one.spans is None for one in footage):
        return report | {"level": "video"} | _ranked(highest, has_event, groups)
    lengths = [len(scores.scores) for scores in series]
    frames = _ranked(np.concatenate([s.scores for s in series]), np.concatenate(flags), np.repeat(groups, lengths))
    within = [index for index, is_event in enumerate(has_event) if is_event]
    inside = [np.concatenate([values[index] for index in within]) for values in ([s.scores for s in series], flags)]
    by_video = [area_under_curve(series[index].scores, flags[index]) for index in within]
    known = [area for area in by_video if np.isfinite(area)]
    return (
        report
        | frames
        | {
            "level": "frame",
            "auc_events_only": _rounded(area_under_curve(inside[0], inside[1].astype(np.bool_))),
            "auc_by_video": _rounded(float(np.mean(known))) if known else None,
        }
    )


def _flags(footage: Footage, scores: Scored) -> Flags:
    """Give whether something happens at each moment."""
    if not footage.spans:
        return np.zeros(len(scores.times), np.bool_)
    rate = declared_fps(footage.path) if footage.fps is None else footage.fps
    frames = np.round(scores.times * rate)
    inside = [(start <= frames) & (frames < stop) for start, stop in footage.spans]
    return np.asarray(np.any(inside, axis=0), np.bool_)


def _ranked(scores: Any, is_event: Flags, groups: Any) -> dict[str, Any]:
    low, high = interval_by_group(scores, is_event, groups, draws=DRAWS)
    return ranking_figures(scores, is_event) | {"auc_low": round(low, 4), "auc_high": round(high, 4)}


def _rounded(value: float) -> float | None:
    return round(value, 4) if np.isfinite(value) else None
