import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from inference.core.detection.base import Detection
from inference.core.detection.episodes import Episode, EpisodeConfig
from inference.core.errors import WeightsError
from inference.core.events import AnomalyEvent
from inference.core.frames import MaskedFrame
from inference.core.sensitivity import (
    THRESHOLDS,
    FoundTable,
    TalliedDetector,
    ThresholdTally,
    load_found,
    weights_identity,
)
from inference.core.weights import load_manifest
from tests.inference.core.detection.scenes import empty, masked_frames

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def tallied(scores: Sequence[float], fps: float = 5.0, starts_at: datetime = NOON) -> ThresholdTally:
    tally = ThresholdTally()
    for index, score in enumerate(scores):
        tally.add(score, index / fps, starts_at + timedelta(seconds=index / fps))
    return tally


def test_each_threshold_counts_as_the_real_hysteresis_would() -> None:
    scores = np.clip(np.random.default_rng(4).normal(0.4, 0.2, 3000).cumsum() % 1.0, 0, 1).tolist()
    (hour,) = tallied(scores).take()
    for threshold, count in zip(THRESHOLDS, hour.events, strict=True):
        episode = Episode(EpisodeConfig(threshold=threshold))
        assert count == sum(episode.update(score, index / 5) == "started" for index, score in enumerate(scores))
    assert len(set(hour.events)) > 3
    assert hour.observed_s == pytest.approx(2999 / 5)


def test_a_quiet_hour_counts_nothing_and_one_burst_counts_once_below_its_height() -> None:
    assert set(tallied([0.0] * 100).take()[0].events) == {0}
    (hour,) = tallied([0.0] * 20 + [0.62] * 20 + [0.0] * 60).take()
    assert hour.events == tuple(int(threshold <= 0.62) for threshold in THRESHOLDS)


def test_what_was_taken_is_not_given_again_and_hours_are_apart() -> None:
    tally = tallied([0.9] * 30, starts_at=NOON + timedelta(minutes=59, seconds=57))
    first, second = tally.take()
    assert (first.hour, second.hour) == (NOON, NOON + timedelta(hours=1))
    assert first.observed_s + second.observed_s == pytest.approx(29 / 5)
    assert first.events[0] + second.events[0] == 1  # one event, in the hour in which it was called
    assert tally.take() == []


def test_a_gap_was_not_watched() -> None:
    tally = ThresholdTally()
    for pts_s in (0.0, 0.2, 60.2):
        tally.add(0.0, pts_s, NOON)
    assert tally.take()[0].observed_s == pytest.approx(1.2)


class Scripted:
    """A detector that says what it is told to."""

    fingerprint = "scripted"

    def __init__(self, score: float) -> None:
        self.score = score

    def update(self, frame: MaskedFrame) -> Detection:
        return Detection(score=self.score, region=None)

    def finish(self) -> tuple[AnomalyEvent, ...]:
        return ()


def test_a_tallied_detector_says_what_the_one_inside_says_and_breaks_off_with_it() -> None:
    detector = TalliedDetector(Scripted(0.5))
    frames = list(masked_frames(empty, 1.2, fps=10))
    assert [detector.update(frame).score for frame in frames] == [0.5] * len(frames)
    assert detector.fingerprint == "scripted"
    assert detector.finish() == ()
    again = list(masked_frames(empty, 0.6, fps=10))  # its time starts anew: never .8 s above anything in one piece
    for frame in again:
        detector.update(frame)
    (hour,) = detector.tally.take()
    assert hour.events[0] == 1
    assert hour.observed_s == pytest.approx(1.1 + 0.5)


def test_found_tables_count_only_for_the_weights_they_were_measured_with(tmp_path: Path) -> None:
    folder = tmp_path / "net"
    folder.mkdir()
    manifest = {
        "name": "net", "licence": "Apache-2.0", "source": "s", "command": "c", "commit": "0", "seed": 1, "data": [],
        "files": {"numbers": {"path": "n.json", "sha256": "ab"}},
    }  # fmt: skip
    (folder / "manifest.json").write_text(json.dumps(manifest))
    assert load_found("net", tmp_path) is None
    table = {"weights": weights_identity(load_manifest("net", tmp_path)), "events": 9, "command": "c"}
    (folder / "found.json").write_text(json.dumps({**table, "found": [0.5] * 19}))
    found = load_found("net", tmp_path)
    assert found is not None
    assert found.found == (0.5,) * 19
    manifest["files"] = {"numbers": {"path": "n.json", "sha256": "cd"}}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    assert load_found("net", tmp_path) is None
    (folder / "found.json").write_text(json.dumps({**table, "found": [0.5]}))
    with pytest.raises(WeightsError, match="19 shares from 0 to 1"):
        load_found("net", tmp_path)


def test_a_table_without_events_is_refused() -> None:
    with pytest.raises(WeightsError, match="at least 1, got 0"):
        FoundTable("a", 0, (0.0,) * 19, "c")
