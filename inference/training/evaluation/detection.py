"""How well events are told from ordinary life, through the real masking stage: clips, sequences, ordinary footage.

Clip-level figures have one score per clip (its highest), frame-level figures one per frame; they are not comparable.
"""

import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from inference.core.detection.episodes import Episode, EpisodeConfig
from inference.core.detection.flow_expert import load_flow_expert
from inference.core.detection.model import load_model
from inference.core.detection.normality import Normality, learn_normality
from inference.core.detection.scorer import Judgement, Scorer
from inference.core.errors import DetectionError
from inference.core.masking.base import Segmenter
from inference.training.evaluation.ranking import (
    area_under_curve,
    average_precision,
    interval_by_group,
    recall_at_false_rate,
)
from inference.training.evaluation.seen import FPS, Seen, see


@dataclass(frozen=True, slots=True)
class Setup:
    """How to look: where masks are kept, frames per second, the masker's network, the threshold of alarms."""

    cache: Path | None = None
    fps: float = FPS
    network: Segmenter | None = None
    threshold: float | None = None


def judge(seen: Seen) -> list[Judgement]:
    """Judge every moment of a file; withheld frames are nothing and break the motion."""
    scorer = Scorer(load_model(), load_flow_expert())
    result = []
    for class_map, time_s, people, is_withheld in zip(
        seen.class_maps, seen.times, seen.people, seen.is_withheld, strict=True
    ):
        if is_withheld:
            scorer.reset()
            continue
        judged = scorer.update(class_map, float(time_s), int(people))
        if judged is not None:
            result.append(judged)
    return result


def count_alarms(judged: Sequence[Judgement], threshold: float) -> int:
    """Count the events that the default hysteresis would have started."""
    episode = Episode(EpisodeConfig(threshold=threshold))
    return sum(episode.update(moment.score, moment.time_s) == "started" for moment in judged)


def _footage(judged: Sequence[Judgement], threshold: float) -> tuple[int, float]:
    """Give (alarms, hours) of one file."""
    hours = (judged[-1].time_s - judged[0].time_s) / 3600.0 if judged else 0.0
    return count_alarms(judged, threshold), hours


def evaluate_clips(
    labels: Path,
    *,
    cache: Path | None = None,
    fps: float = FPS,
    network: Segmenter | None = None,
    threshold: float | None = None,
) -> dict[str, Any]:
    """Measure on short clips with one label each; a clip's score is its highest moment (clip-level).

    Args:
        labels: CSV with `clip` (path beside it), `anomalous` (0 or 1) and `source_group`.
        cache: folder for masks.
        fps: frames per second looked at.
        network: in place of the masker's own.
        threshold: of alarms; None takes the detector's.

    Returns:
        `auc`, `ap`, `n`, `recall_at_fpr_5`, `alarms_per_hour` (on the ordinary clips), and `auc_low`, `auc_high`
        (95 %, by source group), `level`, `found_at_threshold`, `masker`.

    Raises:
        DetectionError: the CSV lacks a column or has no rows.
    """
    with labels.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    if not rows or not {"clip", "anomalous", "source_group"} <= set(rows[0]):
        raise DetectionError(f"{labels} must have rows with clip, anomalous, source_group.")
    limit = load_model().threshold if threshold is None else threshold
    scores, alarms, hours, maskers = [], 0, 0.0, set()
    is_event = np.array([row["anomalous"] == "1" for row in rows])
    for row, is_unusual in zip(tqdm(rows, desc="clips", unit="clip"), is_event, strict=True):
        seen = see(labels.parent / row["clip"], cache, fps, network)
        judged = judge(seen)
        maskers.add(seen.masker)
        scores.append(max((moment.score for moment in judged), default=0.0))
        if not is_unusual:
            found, length = _footage(judged, limit)
            alarms, hours = alarms + found, hours + length
    values = np.array(scores)
    groups = np.unique([row["source_group"] for row in rows], return_inverse=True)[1]
    low, high = interval_by_group(values, is_event, groups)
    return _report(values, is_event, alarms, hours) | {
        "level": "clip",
        "auc_low": round(low, 4),
        "auc_high": round(high, 4),
        "found_at_threshold": round(float((values[is_event] >= limit).mean()), 4),
        "masker": ", ".join(sorted(maskers)),
    }


def evaluate_sequences(
    sequences: Path,
    normal: Path | None = None,
    *,
    cache: Path | None = None,
    fps: float = FPS,
    network: Segmenter | None = None,
    threshold: float | None = None,
) -> dict[str, Any]:
    """Measure on sequences with labelled frames (frame-level, all sequences together).

    Args:
        sequences: folder of `*.mp4` and `ground_truth.json` (name → half-open frame intervals, zero-based).
        normal: ordinary footage of the same camera; what is normal there is learnt from it and joined to the score,
            and the alarms are counted on it.
        cache: folder for masks.
        fps: frames per second looked at.
        network: in place of the masker's own.
        threshold: of alarms; None takes the detector's.

    Returns:
        `auc`, `ap`, `n`, `recall_at_fpr_5`, `alarms_per_hour`, and `auc_general` (without what was learnt), `level`.
    """
    truth = json.loads((sequences / "ground_truth.json").read_text(encoding="utf-8"))["sequences"]
    limit = load_model().threshold if threshold is None else threshold
    setup = Setup(cache, fps, network, limit)
    normality, alarms, hours = _learn(normal, setup) if normal is not None else (None, 0, 0.0)
    general, joined, flags = [], [], []
    for name, intervals in tqdm(sorted(truth.items()), desc="sequences", unit="sequence"):
        path = sequences / f"{name}.mp4"
        judged = judge(see(path, cache, fps, network))
        rate = _declared_fps(path)
        if normal is None:
            outside = [m for m in judged if not _is_in(m.time_s * rate, intervals)]
            found, length = _footage(outside, limit)
            alarms, hours = alarms + found, hours + length
        for moment in judged:
            general.append(moment.score)
            usual = moment.score if normality is None else normality.score(moment.pooled)
            joined.append(usual if normality is None else 0.2 * moment.score + 0.8 * usual)
            flags.append(_is_in(moment.time_s * rate, intervals))
    is_event = np.array(flags, np.bool_)
    report = _report(np.array(joined), is_event, alarms, hours)
    return report | {"level": "frame", "auc_general": round(area_under_curve(np.array(general), is_event), 4)}


def evaluate_normal(paths: Sequence[Path], **options: Any) -> dict[str, Any]:
    """Count alarms on ordinary footage: `alarms`, `hours`, `alarms_per_hour`, and the same by file."""
    setup = Setup(**options)
    limit = load_model().threshold if setup.threshold is None else setup.threshold
    by_file = {}
    for path in tqdm(paths, desc="ordinary footage", unit="file"):
        by_file[path.name] = _footage(judge(see(path, setup.cache, setup.fps, setup.network)), limit)
    alarms, hours = sum(row[0] for row in by_file.values()), sum(row[1] for row in by_file.values())
    return {
        "alarms": alarms,
        "hours": round(hours, 4),
        "alarms_per_hour": round(alarms / hours, 2) if hours else None,
        **{f"alarms {name}": row[0] for name, row in by_file.items()},
    }


def _learn(normal: Path, setup: Setup) -> tuple[Normality, int, float]:
    moments, alarms, hours = [], 0, 0.0
    for path in tqdm(sorted(normal.glob("*.mp4")), desc="ordinary life", unit="sequence"):
        judged = judge(see(path, setup.cache, setup.fps, setup.network))
        moments += [moment.pooled for moment in judged]
        found, length = _footage(judged, setup.threshold or 0.5)
        alarms, hours = alarms + found, hours + length
    return learn_normality(np.array(moments, np.float32)), alarms, hours


def _declared_fps(path: Path) -> float:
    from inference.core.decode.source import SourceConfig, open_source

    with open_source(SourceConfig(str(path))) as source:
        return float(source.fps)


def _is_in(frame: float, intervals: Sequence[Sequence[int]]) -> bool:
    return any(start <= round(frame) < stop for start, stop in intervals)


def _report(scores: Any, is_event: Any, alarms: int, hours: float) -> dict[str, Any]:
    return {
        "auc": round(area_under_curve(scores, is_event), 4),
        "ap": round(average_precision(scores, is_event), 4),
        "n": len(scores),
        "recall_at_fpr_5": round(recall_at_false_rate(scores, is_event, 0.05), 4),
        "alarms_per_hour": round(alarms / hours, 2) if hours else None,
    }
