"""Leaks are counted as a viewer would see them."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from inference.training.evaluation.leaks import SETTINGS, Tally, measure, people, result
from tests.inference.core.masking.scene import PatternNetwork, is_pattern, raw


def seen(pattern: str) -> list[tuple[int, bool]]:
    return [(index, letter == "#") for index, letter in enumerate(pattern)]


def test_a_leak_is_a_run_of_frames_of_one_person() -> None:
    tally = Tally(background=[0.1], ms=[1.0])
    tally.covered.update({1: seen("##..#.##"), 2: seen("...##"), 3: seen("####.")})
    figures = result(tally, hours=0.5)
    assert (figures["leaks"], figures["leaks_per_camera_hour"], figures["longest_leak_frames"]) == (4, 8.0, 3)
    assert figures["covered_90"] == pytest.approx(11 / 18)
    assert (figures["entry_frames_max"], figures["entry_frames_mean"]) == (3, 1.0)


@pytest.fixture
def sequence(tmp_path: Path) -> Path:
    """A person of 20 x 60 pixels who walks through, with labels."""
    path = tmp_path / "walk.mp4"
    rows = ["frame,id,x,y,w,h,considered"]
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264rgb", rate=10)
        stream.width, stream.height, stream.pix_fmt = 160, 120, "rgb24"
        stream.codec_context.options = {"crf": "0"}
        for index in range(20):
            left = 10 + 4 * index
            frame = av.VideoFrame.from_ndarray(raw([(left, 30, left + 20, 90)], index).image, format="rgb24")
            frame.pts, frame.time_base = index, Fraction(1, 10)
            container.mux(stream.encode(frame))
            rows += [f"{index},1,{left},30,20,60,1", f"{index},2,{left},30,20,60,0"]
        container.mux(stream.encode(None))
    path.with_suffix(".csv").write_text("\n".join(rows) + "\n")
    return path


def test_only_labels_to_be_considered_count(sequence: Path) -> None:
    assert {person.id for persons in people(sequence.with_suffix(".csv")).values() for person in persons} == {1}


def test_hold_and_look_ahead_close_the_gaps_of_a_network(sequence: Path) -> None:
    class Blinking(PatternNetwork):
        def probabilities(self, image: np.ndarray) -> np.ndarray:
            assert is_pattern(image).any()
            return super().probabilities(image)

    figures = measure(sequence, Blinking(blind=[0, 1, 2, 9, 10, 11]))
    assert list(figures) == list(SETTINGS)
    assert (figures["each frame alone"]["leaks"], figures["each frame alone"]["longest_leak_frames"]) == (2, 3)
    assert (figures["+ hold"]["leaks"], figures["+ hold"]["entry_frames_max"]) == (1, 3)
    assert (figures["+ look-ahead"]["leaks"], figures["+ look-ahead"]["covered_90"]) == (0, 1.0)
    assert figures["+ look-ahead"]["background_masked"] < 0.1
