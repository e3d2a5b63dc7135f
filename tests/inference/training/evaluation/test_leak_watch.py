"""What the leak watch is worth is measured against known misses."""

import csv
from fractions import Fraction
from pathlib import Path

import av
import pytest

from inference.core.errors import CoreError
from inference.training.evaluation.clips import tracked_clips
from inference.training.evaluation.leak_watch import LATE, evaluate_leak_watch
from tests.inference.core.masking.scene import PatternNetwork, raw

COUNT = 30


@pytest.fixture
def clips(tmp_path: Path) -> Path:
    """Three seconds of a person of 20 x 60 pixels who walks 2 pixels a frame, with their track."""
    boxes = [(10 + 2 * index, 30, 30 + 2 * index, 90) for index in range(COUNT)]
    with av.open(str(tmp_path / "walk.mp4"), "w") as container:
        stream = container.add_stream("libx264rgb", rate=10)
        stream.width, stream.height, stream.pix_fmt = 160, 120, "rgb24"
        stream.codec_context.options = {"crf": "0"}
        for index, box in enumerate(boxes):
            frame = av.VideoFrame.from_ndarray(raw([box], index).image, format="rgb24")
            frame.pts, frame.time_base = index, Fraction(1, 10)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    with (tmp_path / "walk.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["frame", "id", "x", "y", "w", "h", "considered"])
        rows.writerows([index, 1, left, top, 20, 60, 1] for index, (left, top, _, _) in enumerate(boxes))
    return tmp_path


def test_a_mask_that_comes_too_late_is_found_and_a_sound_one_tells_nothing(clips: Path) -> None:
    found = evaluate_leak_watch(tracked_clips(clips), PatternNetwork(), PatternNetwork())
    sound, late = found["+ look-ahead"], found[LATE]
    assert (sound["looks"], sound["people"], sound["regions"]) == (COUNT, COUNT, COUNT)
    assert (sound["misses"], sound["told"], sound["found_share"]) == (0, 0, None)
    assert late["misses"] >= COUNT - 10
    assert late["misses_found"] == late["misses"]
    assert late["told_false"] <= 3  # the core is still covered, the edge behind it is not
    assert found["ms_per_look"] > 0


def test_whom_both_networks_miss_is_in_no_count(clips: Path) -> None:
    blind = evaluate_leak_watch(tracked_clips(clips), PatternNetwork(blind=range(99)), PatternNetwork(blind=range(99)))
    assert (blind["+ look-ahead"]["misses"], blind["+ look-ahead"]["misses_found"]) == (COUNT, 0)
    seeing = evaluate_leak_watch(tracked_clips(clips), PatternNetwork(blind=range(99)), PatternNetwork())
    assert seeing["+ look-ahead"]["misses_found"] == COUNT


def test_without_a_clip_there_is_nothing_to_measure() -> None:
    with pytest.raises(CoreError, match="no clip"):
        evaluate_leak_watch([], PatternNetwork(), PatternNetwork())
