"""The mask card says what was measured, of the network that ships, and nothing that was not."""

import argparse
import json
from pathlib import Path
from typing import Any

import pytest

from inference.commands.evaluate_card import add_arguments, measure
from inference.commands.options import CommandError
from inference.core.errors import CoreError
from inference.training.evaluation.card import AIMS, Reports, mask_card
from inference.training.evaluation.card_privacy import KINDS

MANIFEST = {"command": "train it", "seed": 7, "commit": "abc", "licence": "Apache-2.0", "data": ["ten pictures"]}
LEAKS: dict[str, Any] = {
    "network": "net-s",
    "instance_frames": 100,
    "instance_frame_recall": 0.98,
    "small_instance_frame_recall": None,
    "leaks": 3,
    "leaks_per_camera_hour": 30.0,
    "longest_leak_frames": 5,
    "longest_leak_s": 0.5,
    "entry_frames_mean": 0.0,
    "camera_hours": 0.1,
    "background_masked": 0.1,
    "ms_beyond_network": 2.0,
    "intervals": {"instance_frame_recall": [0.97, 0.99], "leaks_per_camera_hour": [6.2, 87.7]},
}
LEAKS["clips"] = {"street": dict(LEAKS)}
PICTURES = {
    "network": "net-s",
    "size": "s",
    "people_missed": 0.125,
    "small_people_missed": 0.25,
    "people_covered_90": 0.81,
    "false_masked_area": 0.08,
    "cpu_ms_per_frame": 20.0,
    "pictures": 3,
    "people": 8,
    "intervals": {"people_missed": [0.1, 0.2]},
}


ATTACKED: dict[str, Any] = {
    "network": "net-s",
    "identities": 80,
    "identities_human": 20,
    "queries": 320,
    "gap_s_least": 1.5,
    "gap_s_median": 4.0,
    "chance": 0.0125,
    "within_clip_chance": 0.1,
    "reid_times_chance": 3.2,
    "within_clip_times_chance": 1.1,
    "alone_times_chance": 1.6,
    "faces_raw": 90,
    "faces_masked": 2,
    "face_failures": [{"picture": "human/a.jpg", "box": [1, 2, 30, 40], "score": 0.7}],
    "plates_raw": None,
    "gender_auc_off_chance": 0.04,
    "attributes": {
        "gender": {
            "people": 44,
            "auc_raw": 0.98,
            "auc_raw_interval": [0.9, 1.0],
            "auc_masked": 0.54,
            "auc_masked_interval": [0.4, 0.7],
        },
        "hat": {"people": 9, "auc_raw": None, "auc_masked": None},
    },
    "intervals": {"reid_times_chance": [1.0, 5.5], "reid_rank1_masked": [0.013, 0.07]},
}
for kind in KINDS:
    ATTACKED |= {f"reid_rank1_{kind}": 0.04, f"within_clip_rank1_{kind}": 0.11, f"right_clip_{kind}": 0.7}


def card(**reports: dict[str, Any]) -> str:
    found = {name.replace("_", " "): report for name, report in reports.items()}
    return mask_card(Reports(found), MANIFEST, ["net-s", "net-m"], "a machine")


def test_a_card_tells_met_from_not_met_and_says_what_was_not_measured() -> None:
    text = card(masking_s=PICTURES, leaks=LEAKS)
    assert "| people missed, s | ≤ 0.1 | 0.125 (0.100 to 0.200) | **not met** |" in text
    assert "| people ≥ 90 % covered, s | ≥ 0.8 | 0.810 | met |" in text
    assert "| longest leak, frames | ≤ 2 | 5 | **not met** |" in text
    assert "| people missed, m | ≤ 0.08 | not measured |  |" in text
    assert text.count("not measured") >= len(AIMS) - 7
    assert "- ten pictures" in text
    assert "evaluate leaks" in text
    assert "Attacks on masked video" not in text


def test_agreement_is_told_with_its_interval() -> None:
    agreement = {
        "network": "net-s",
        "looks": 373,
        "withheld_looks": 0,
        "regions": 808,
        "regions_open": 2,
        "regions_open_per_camera_hour": 39.0,
        "intervals": {"regions_open_per_camera_hour": [5.0, 140.0]},
    }
    text = card(masking_s=PICTURES, agreement=agreement)
    assert "2 of 808 left open (< 30 % covered), 39 (5 to 140) per camera-hour." in text


def test_limits_follow_from_the_figures() -> None:
    text = card(masking_s=PICTURES, leaks=LEAKS)
    assert "about one person in 8 in such photographs is missed, of those under 60 pixels tall one in 4.0" in text
    assert "30 leaks per camera-hour (95 %: 6 to 88, from 6.0 minutes), the longest 0.50 s" in text


def test_attacks_are_told_against_chance_and_what_was_not_tried_is_said() -> None:
    text = card(privacy=ATTACKED)
    assert "80 people, 20 of them with human tracks" in text
    assert "| **masked, among raw** | 0.040 (0.013 to 0.070) | 0.110 | 0.700 |" in text
    assert "| chance | 0.013 | 0.100 | |" in text
    assert "| masked people re-identified, times chance | ≤ 2 | 3.200 (1.000 to 5.500) | **not met** |" in text
    assert "| the same among the people of the clip | ≤ 2 | 1.100 | met |" in text
    assert "| faces ≥ 16 px, at the same place | 90 | 2 |" in text
    assert "Faces found when masked: human/a.jpg at [1, 2, 30, 40]." in text
    assert "| number plates on labelled vehicles | not measured | not measured |" in text
    assert "| gender | 44 | 0.980 (0.900 to 1.000) | 0.540 (0.400 to 0.700) |" in text
    assert "| hat |" not in text
    assert "names a masked person 3.2 times as often as by guessing, 1.1 times among the people of one clip" in text
    assert "Of 90 faces in single pictures 2 are still found when masked." in text
    assert "evaluate privacy" in text
    assert "| masked people re-identified, times chance | ≤ 2 | not measured |  |" in card(leaks=LEAKS)
    less = card(privacy={**ATTACKED, "attributes": {"hat": {"auc_raw": None}}, "clips_missing": ["videos/a.mp4"]})
    assert "the video was not there: videos/a.mp4." in less
    assert "Attributes: too few people of each kind to measure." in less


def test_figures_of_another_network_are_refused() -> None:
    with pytest.raises(CoreError, match="is of old-net; shipped: net-s, net-m"):
        card(masking_s={**PICTURES, "network": "old-net"})
    with pytest.raises(CoreError, match="at least one report"):
        card()


def test_a_report_that_is_none_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    bad, out = tmp_path / "bad.json", tmp_path / "card.md"
    for content, words in (("[1]", "must be an object"), ("{", "cannot be read"), (json.dumps({}), "does not say")):
        bad.write_text(content)
        with pytest.raises(CommandError, match=words):
            measure(parser.parse_args(["--masking", str(bad), "--out", str(out)]))
    assert not out.exists()
