import csv
import json
from pathlib import Path

import av
import numpy as np
import pytest

from inference.core.errors import DetectionError
from inference.training.evaluation.detection import _delays, evaluate_clips, evaluate_normal, evaluate_sequences
from inference.training.evaluation.judging import Scored
from inference.training.evaluation.ranking import (
    area_under_curve,
    average_precision,
    interval_by_group,
    recall_at_false_rate,
)
from tests.inference.core.detection.scenes import Draw, brawling, walking

SCORES = np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.4])
FLAGS = np.array([True, True, False, True, False, False])


class BrightNetwork:
    """Takes bright pixels for people: the test's clips are drawn silhouettes."""

    fingerprint = "bright"

    def probabilities(self, image: np.ndarray) -> np.ndarray:
        bright = (image[::4, ::4].mean(axis=2) > 140).astype(np.float32)
        return np.stack([bright, 0 * bright, 0 * bright])


def write_clip(path: Path, draw: Draw, duration_s: float = 3.0) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # Walls and ground: without structure that stays, a camera seems to turn whenever somebody moves.
    noise = np.kron(np.random.default_rng(0).integers(20, 110, (18, 32, 3)), np.ones((20, 20, 1))).astype(np.uint8)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 640, 360, "yuv420p"
        for index in range(round(duration_s * 10)):
            image = noise.copy()
            image[np.kron(draw(index / 10), np.ones((4, 4), np.uint8)) == 1] = 230
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        container.mux(stream.encode())


def test_ranking_agrees_with_figures_worked_out_by_hand() -> None:
    assert area_under_curve(SCORES, FLAGS) == pytest.approx(8 / 9)
    assert average_precision(SCORES, FLAGS) == pytest.approx((1 + 1 + 3 / 4) / 3)
    assert recall_at_false_rate(SCORES, FLAGS, 0.05) == pytest.approx(2 / 3)
    assert area_under_curve(np.ones(6), FLAGS) == 0.5
    low, high = interval_by_group(SCORES, FLAGS, np.arange(6), draws=200)
    assert 0.0 <= low < 8 / 9 < high <= 1.0


def test_clips_are_measured_through_the_real_masking_stage_and_masks_are_kept(tmp_path: Path) -> None:
    write_clip(tmp_path / "a" / "calm.mp4", walking)
    write_clip(tmp_path / "a" / "wild.mp4", brawling)
    labels = tmp_path / "labels.csv"
    with labels.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerows([["clip", "anomalous", "source_group"], ["a/calm.mp4", 0, "x"], ["a/wild.mp4", 1, "y"]])
    cache = tmp_path / "cache"
    first = evaluate_clips(labels, cache=cache, network=BrightNetwork())
    assert first["n"] == 2
    assert first["level"] == "clip"
    assert {"auc", "ap", "n", "recall_at_fpr_1", "recall_at_fpr_5", "alarms_per_hour", "ece"} <= first.keys()
    kept = sorted(cache.iterdir())
    assert len(kept) == 2
    with np.load(kept[0]) as masks:
        assert masks["class_maps"].max() <= 3
    assert evaluate_clips(labels, cache=cache, network=BrightNetwork()) == first


def test_sequences_are_measured_by_frame(tmp_path: Path) -> None:
    write_clip(tmp_path / "01.mp4", lambda now: walking(now) if now < 4 else brawling(now), 8.0)
    (tmp_path / "ground_truth.json").write_text(json.dumps({"sequences": {"01": [[40, 80]]}}))
    report = evaluate_sequences(tmp_path, network=BrightNetwork())
    assert report["level"] == "frame"
    assert report["n"] > 70
    assert report["auc"] > 0.5
    assert report["events"] == 1
    low = evaluate_sequences(tmp_path, network=BrightNetwork(), threshold=0.02)
    assert low["events_found"] in {0.0, 1.0}
    assert (low["seconds_to_call"] is None) == (low["events_found"] == 0.0)


def test_the_time_to_a_call_counts_from_the_start_of_the_event() -> None:
    times = np.arange(100) / 5
    series = Scored(times, np.where((times >= 6) & (times < 12), 0.9, 0.1))
    assert _delays(series, [(5.0, 10.0), (15.0, 18.0)], 0.5) == [pytest.approx(1.8, abs=0.05), None]


def test_ordinary_videos_are_counted_by_file(tmp_path: Path) -> None:
    write_clip(tmp_path / "a.mp4", walking, 2.0)
    report = evaluate_normal([tmp_path / "a.mp4"], network=BrightNetwork(), threshold=0.99)
    assert (report["alarms"], report["alarms a.mp4"]) == (0, 0)
    assert report["hours"] > 0.0


def test_labels_without_their_columns_are_refused(tmp_path: Path) -> None:
    labels = tmp_path / "labels.csv"
    labels.write_text("file,bad\na.mp4,1\n")
    with pytest.raises(DetectionError, match="source_group"):
        evaluate_clips(labels)
