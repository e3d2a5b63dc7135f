"""How well events are told from ordinary life, through the real masking stage: clips, sequences, ordinary footage.

Clip-level figures have one score per clip (its highest), frame-level figures one per frame; they are not comparable.
"""

import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from inference.core.detection.model import load_model
from inference.core.detection.normality import Normality, learn_normality
from inference.core.errors import DetectionError
from inference.core.masking.base import Segmenter
from inference.training.evaluation.calibration import calibration_error, cross_fitted
from inference.training.evaluation.judging import Scored, count_alarms, event_starts, judge, scored, whole
from inference.training.evaluation.ranking import (
    Flags,
    Floats,
    Groups,
    area_under_curve,
    average_precision,
    interval_by_group,
    recall_at_false_rate,
)
from inference.training.evaluation.seen import FPS, Seen, see

FALSE_RATES = (1, 2, 5)
"""Percent."""
GENERAL_SHARE = 0.2
"""Of the general score beside the camera's own normality."""


@dataclass(frozen=True, slots=True)
class Setup:
    """How to look: where masks are kept, frames per second, the masker's network, the threshold of alarms."""

    cache: Path | None = None
    fps: float = FPS
    network: Segmenter | None = None
    threshold: float | None = None

    @property
    def limit(self) -> float:
        """The threshold of alarms: the given one, or the detector's."""
        return load_model().threshold if self.threshold is None else self.threshold

    def see(self, path: Path, picture_fps: float | None = None) -> Seen:
        """Mask a file (or a folder of pictures, so many a second), or read its masks."""
        return see(path, self.cache, self.fps, self.network, picture_fps)


@dataclass(frozen=True, slots=True)
class Labels:
    """Short clips with one label each.

    Attributes:
        paths: the files.
        is_event: `bool (N,)`.
        groups: `int64 (N,)`; clips of one group come from the same recording.
    """

    paths: tuple[Path, ...]
    is_event: Flags = field(repr=False)
    groups: Groups = field(repr=False)


def read_labels(labels: Path) -> Labels:
    """Read a CSV with `clip` (path beside it), `anomalous` (0 or 1) and `source_group`.

    Raises:
        DetectionError: it lacks a column or has no rows.
    """
    with labels.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    if not rows or not {"clip", "anomalous", "source_group"} <= set(rows[0]):
        raise DetectionError(f"{labels} must have rows with clip, anomalous, source_group.")
    groups = np.unique([row["source_group"] for row in rows], return_inverse=True)[1].astype(np.int64)
    paths = tuple(labels.parent / row["clip"] for row in rows)
    return Labels(paths, np.array([row["anomalous"] == "1" for row in rows]), groups)


def evaluate_clips(labels: Path, **options: Any) -> dict[str, Any]:
    """Measure on short clips with one label each; a clip's score is its highest moment (clip-level).

    Args:
        labels: as `read_labels` takes it.
        options: fields of `Setup`.

    Returns:
        `auc`, `ap`, `n`, `recall_at_fpr_1`, `_2`, `_5`, `alarms_per_hour` (on the ordinary clips), `auc_low` and
        `auc_high` (95 %, by source group), `level`, `found_at_threshold`, `masker`; `ece`: calibration error of
        confidences that were fitted on the other source groups, `ece_shipped`: of those that the weights give.

    Raises:
        DetectionError: the CSV lacks a column or has no rows.
    """
    setup, known = Setup(**options), read_labels(labels)
    series, maskers = [], set()
    for path in tqdm(known.paths, desc="clips", unit="clip"):
        seen = setup.see(path)
        maskers.add(seen.masker)
        series.append(whole(seen))
    ordinary = [one for one, is_event in zip(series, known.is_event, strict=True) if not is_event]
    values = np.array([one.highest for one in series])
    return clip_figures(values, known) | {
        "alarms_per_hour": per_hour(ordinary, setup.limit),
        "level": "clip",
        "found_at_threshold": round(float((values[known.is_event] >= setup.limit).mean()), 4),
        "masker": ", ".join(sorted(maskers)),
    }


def clip_figures(values: Floats, known: Labels) -> dict[str, Any]:
    """Give the ranking figures and calibration errors of one score (0-1) per clip."""
    low, high = interval_by_group(values, known.is_event, known.groups)
    shipped = np.array([load_model().confidence(value) / 100.0 for value in values])
    figures = ranking_figures(values, known.is_event) | {
        "auc_low": round(low, 4),
        "auc_high": round(high, 4),
        "ece_shipped": round(calibration_error(shipped, known.is_event), 4),
    }
    if len(np.unique(known.groups)) > 1:
        confidences = cross_fitted(values, known.is_event, known.groups)
        figures["ece"] = round(calibration_error(confidences, known.is_event), 4)
    return figures


def evaluate_sequences(sequences: Path, normal: Path | None = None, **options: Any) -> dict[str, Any]:
    """Measure on sequences with labelled frames (frame-level, all sequences together).

    Args:
        sequences: folder of `*.mp4` and `ground_truth.json` (name → half-open frame intervals, zero-based).
        normal: ordinary footage of the same camera; what is normal there is learnt from it and joined to the score,
            and the alarms are counted on it.
        options: fields of `Setup`.

    Returns:
        `auc`, `ap`, `n`, `recall_at_fpr_1`, `_2`, `_5`, `alarms_per_hour`, `auc_general` (without what was learnt),
        `level`; `events`, `events_found` (share called at the threshold) and `seconds_to_call` (median of those found).
    """
    truth = json.loads((sequences / "ground_truth.json").read_text(encoding="utf-8"))["sequences"]
    setup = Setup(**options)
    normality, ordinary = _learn(normal, setup) if normal is not None else (None, [])
    general, joined, flags, delays = [], [], [], []
    for name, intervals in tqdm(sorted(truth.items()), desc="sequences", unit="sequence"):
        path = sequences / f"{name}.mp4"
        judged = judge(setup.see(path))
        rate = declared_fps(path)
        series = scored(judged)
        general.append(series.scores)
        if normality is not None:
            own = normality.scores([(moment.time_s, moment.bodies) for moment in judged])
            series = Scored(series.times, GENERAL_SHARE * series.scores + (1.0 - GENERAL_SHARE) * own)
        joined.append(series.scores)
        is_event = np.array([_is_in(time_s * rate, intervals) for time_s in series.times], np.bool_)
        flags.append(is_event)
        delays += _delays(series, [(start / rate, stop / rate) for start, stop in intervals], setup.limit)
        if normal is None:
            ordinary.append(Scored(series.times[~is_event], series.scores[~is_event]))
    every = np.concatenate(flags)
    found = [delay for delay in delays if delay is not None]
    return ranking_figures(np.concatenate(joined), every) | {
        "alarms_per_hour": per_hour(ordinary, setup.limit),
        "level": "frame",
        "auc_general": round(area_under_curve(np.concatenate(general), every), 4),
        "events": len(delays),
        "events_found": round(len(found) / len(delays), 4) if delays else None,
        "seconds_to_call": round(float(np.median(found)), 2) if found else None,
    }


def _delays(series: Scored, spans: Sequence[tuple[float, float]], limit: float) -> list[float | None]:
    """Give the seconds from the start of each event (start, stop in seconds) to the first call in it, or None."""
    calls = [call_s for _, call_s in event_starts(series, limit)]
    return [next((call_s - start for call_s in calls if start <= call_s < stop), None) for start, stop in spans]


def evaluate_normal(paths: Sequence[Path], **options: Any) -> dict[str, Any]:
    """Count alarms on ordinary footage: `alarms`, `hours`, `alarms_per_hour`, and `alarms <file>` for each.

    Args:
        paths: video files in which nothing unusual happens.
        options: fields of `Setup`.
    """
    setup = Setup(**options)
    by_file = {path.name: whole(setup.see(path)) for path in tqdm(paths, desc="ordinary footage", unit="file")}
    alarms = {name: count_alarms(series, setup.limit) for name, series in by_file.items()}
    hours = sum(series.hours for series in by_file.values())
    return {
        "alarms": sum(alarms.values()),
        "hours": round(hours, 4),
        "alarms_per_hour": round(sum(alarms.values()) / hours, 2) if hours else None,
        **{f"alarms {name}": count for name, count in alarms.items()},
    }


def _learn(normal: Path, setup: Setup) -> tuple[Normality, list[Scored]]:
    """Learn what is normal; the general scores are given back, for counting alarms."""
    stretches, ordinary = [], []
    for path in tqdm(sorted(normal.glob("*.mp4")), desc="ordinary life", unit="sequence"):
        judged = judge(setup.see(path))
        stretches.append([(moment.time_s, moment.bodies) for moment in judged])
        ordinary.append(scored(judged))
    return learn_normality(stretches), ordinary


def declared_fps(path: Path) -> float:
    """Give the frames per second that a video says it has."""
    from inference.core.decode.source import SourceConfig, open_source

    with open_source(SourceConfig(str(path))) as source:
        return float(source.fps)


def _is_in(frame: float, intervals: Sequence[Sequence[int]]) -> bool:
    return any(start <= round(frame) < stop for start, stop in intervals)


def per_hour(ordinary: Sequence[Scored], limit: float) -> float | None:
    """Give the alarms per hour of ordinary footage, None where there is none."""
    hours = sum(series.hours for series in ordinary)
    return round(sum(count_alarms(series, limit) for series in ordinary) / hours, 2) if hours else None


def ranking_figures(scores: Floats, is_event: Flags) -> dict[str, Any]:
    """Give `auc`, `ap`, `n` and the recall at each of `FALSE_RATES`."""
    return {
        "auc": round(area_under_curve(scores, is_event), 4),
        "ap": round(average_precision(scores, is_event), 4),
        "n": len(scores),
        **{
            f"recall_at_fpr_{rate}": round(recall_at_false_rate(scores, is_event, rate / 100), 4)
            for rate in FALSE_RATES
        },
    }
