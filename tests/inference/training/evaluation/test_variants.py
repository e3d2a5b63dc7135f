import csv
from pathlib import Path

import numpy as np
import pytest

from inference.core.errors import CoreError
from inference.training.evaluation.judging import PARTS, Scored, changed_area, count_alarms
from inference.training.evaluation.marked_page import with_table
from inference.training.evaluation.seen import Seen, see_change
from inference.training.evaluation.variants import MARKS, as_markdown, evaluate_variants
from tests.inference.core.detection.scenes import brawling, empty, walking
from tests.inference.training.test_detection_evaluation import BrightNetwork, write_clip


def test_every_part_is_measured_on_masks_and_on_raw_change(tmp_path: Path) -> None:
    labels = tmp_path / "labels.csv"
    rows = [["clip", "anomalous", "source_group"]]
    for number, (draw, is_event) in enumerate(((walking, 0), (brawling, 1), (walking, 0), (brawling, 1))):
        write_clip(tmp_path / f"{number}.mp4", draw, 2.0)
        rows.append([f"{number}.mp4", str(is_event), str(number // 2)])
    with labels.open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    diagram = tmp_path / "diagram.svg"
    report = evaluate_variants(labels, diagram, network=BrightNetwork())
    assert len(report["variants"]) == 2 * len(PARTS)
    assert report["variants"]["masks: changed area alone (baseline)"]["auc"] == 1.0  # a brawl changes more than a walk
    assert report["level"] == "clip"
    assert diagram.read_text().count("<circle") >= 1
    table = as_markdown(report)
    assert table.count("\n") == 2 + 2 * len(PARTS)
    page = with_table(f"before\n{MARKS[0]}\nold\n{MARKS[1]}\nafter\n", table, MARKS)
    assert "old" not in page
    assert page.startswith("before\n")
    assert page.endswith("\nafter\n")
    with pytest.raises(CoreError, match="marks"):
        with_table("a page without marks", table, MARKS)


def test_raw_change_is_where_something_moved(tmp_path: Path) -> None:
    write_clip(tmp_path / "still.mp4", empty, 1.0)
    write_clip(tmp_path / "walk.mp4", walking, 1.0)
    still, walk = see_change(tmp_path / "still.mp4"), see_change(tmp_path / "walk.mp4")
    assert still.class_maps[1:].mean() < 0.001
    assert walk.class_maps[3:].mean() > 0.005
    assert walk.class_maps[0].max() == 0  # nothing came before
    assert walk.class_maps.shape[1:] == (90, 160)


def test_changed_area_skips_what_was_withheld() -> None:
    maps = np.zeros((10, 4, 4), np.uint8)
    maps[5:, :2] = 1
    withheld = np.zeros(10, np.bool_)
    seen = Seen(maps, np.linspace(0.0, 0.9, 10), np.ones(10, np.int64), withheld, "m")
    assert changed_area(seen).highest == 0.5
    withheld[5] = True
    assert changed_area(seen).highest == 0.0


def test_alarms_are_those_of_the_hysteresis() -> None:
    times = np.arange(100) / 5
    scores = np.where((times > 2) & (times < 4), 0.9, 0.1)
    assert count_alarms(Scored(times, scores), 0.5) == 1
    assert count_alarms(Scored(times, scores), 0.95) == 0
