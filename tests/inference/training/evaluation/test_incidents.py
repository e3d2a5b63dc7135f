import json
from pathlib import Path

import numpy as np
import pytest

from inference.commands import evaluate_incidents as command
from inference.commands.options import CommandError
from inference.core.sensitivity import THRESHOLDS
from inference.training.detection.views import BagConfig
from inference.training.evaluation import incidents
from inference.training.evaluation.incidents import Incident, compare_boxes, summary, visible, watch_scene

WHOLE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))


def boxes(*rows: tuple[float, float, float, float]) -> np.ndarray:
    return np.array(rows, np.float32).reshape(-1, 4)


def test_a_region_is_compared_with_the_box_around_all_who_are_involved() -> None:
    left_half = ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0))
    assert compare_boxes(WHOLE, boxes((0, 0, 160, 90))) == (1.0, 1.0)
    assert compare_boxes(left_half, boxes((0, 0, 40, 90), (40, 0, 160, 90))) == (0.5, 0.5)
    assert compare_boxes(left_half, boxes((80, 0, 160, 90)))[0] == 0.0
    assert compare_boxes(WHOLE, boxes()) == (0.0, 0.0)


def test_who_is_too_small_or_outside_is_not_seen() -> None:
    assert len(visible(boxes((10, 10, 14, 18), (-30, 10, -10, 40), (150, 10, 175, 40)))) == 0
    (kept,) = visible(boxes((140, 60, 165, 100)))
    assert kept.tolist() == [140, 60, 160, 90]


def outcome(kind: str, overlap: float, width: float = 1.0, found_to: int = 0) -> Incident:
    found = tuple(index < found_to for index in range(len(THRESHOLDS)))
    return Incident(kind, True, found, found_to > 10, 2.0 if found_to > 10 else None, overlap, width)


def test_the_summary_counts_what_was_seen_and_says_why_regions_miss() -> None:
    report = summary(
        [
            outcome("fight", 0.6, found_to=15),
            outcome("fight", 0.1, width=9.0, found_to=5),
            outcome("fall", 0.0, found_to=15),
            outcome("fall", 0.2, width=0.2),
            Incident("chase", is_seen=False),
        ]
    )
    assert (report["scenes"], report["events"], report["found"]) == (5, 4, 0.5)
    assert (report["region_hits"], report["region_hits_found"], report["region_hits fall"]) == (0.25, 0.5, 0.0)
    assert [report[f"region {why}"] for why in ("elsewhere", "too wide", "too narrow")] == [0.25, 0.25, 0.25]
    assert report["found_by_threshold"][0] == 0.75
    assert report["found_by_threshold"][-1] == 0.0
    assert report["seconds_to_call"] == 2.0
    assert "events chase" not in report


def test_a_scene_is_watched_the_same_each_time() -> None:
    bag = BagConfig(duration_s=16.0, width=160, height=96)
    first, again = watch_scene(700_001, bag), watch_scene(700_001, bag)
    assert first == again
    assert first.kind in {"fight", "dispersal", "fall", "chase"}


def test_the_table_names_its_weights_and_command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import argparse

    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    file = tmp_path / "found.json"
    shares = [round(1 - index / 20, 2) for index in range(len(THRESHOLDS))]
    result = {"events": 3, "found_by_threshold": shares}
    monkeypatch.setattr(incidents, "evaluate_incidents", lambda scenes, seed, workers: dict(result))
    report = command.measure(parser.parse_args(["--scenes", "5", "--seed", "9", "--found", str(file)]))
    table = json.loads(file.read_text())
    assert table["weights"] == report["weights"]
    assert table["found"] == shares
    assert table["command"].endswith("--scenes 5 --seed 9")
    result["events"] = 0
    with pytest.raises(CommandError, match="no table"):
        command.measure(parser.parse_args(["--found", str(file)]))
    with pytest.raises(CommandError, match="at least 1, got 0"):
        command.measure(parser.parse_args(["--scenes", "0"]))
