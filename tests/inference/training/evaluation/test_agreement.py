"""What a second opinion sees and the masker does not is counted, and so is the cost of masking."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from inference.core.errors import CoreError
from inference.core.masking.base import Probabilities
from inference.core.masking.second_look import regions
from inference.training.evaluation.agreement import evaluate_agreement
from inference.training.evaluation.energy import evaluate_energy
from tests.inference.core.masking.scene import PatternNetwork, raw


class Blind(PatternNetwork):
    fingerprint = "blind"

    def probabilities(self, image: np.ndarray) -> Probabilities:
        return super().probabilities(image) * np.float32(0)


class Sure(PatternNetwork):
    """Says 1 where the pattern is, by any number of looks: its mean with a blind one stays above one half."""


@pytest.fixture
def video(tmp_path: Path) -> Path:
    """One second of a person of 20 x 60 pixels in 160 x 120."""
    path = tmp_path / "walk.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264rgb", rate=10)
        stream.width, stream.height, stream.pix_fmt = 160, 120, "rgb24"
        stream.codec_context.options = {"crf": "0"}
        for index in range(10):
            frame = av.VideoFrame.from_ndarray(raw([(40, 30, 60, 90)], index).image, format="rgb24")
            frame.pts, frame.time_base = index, Fraction(1, 10)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def test_whom_the_masker_covers_is_not_left_open(video: Path) -> None:
    found = evaluate_agreement([video], [Sure()])
    assert (found["looks"], found["regions"], found["regions_open"]) == (2, 2, 0)
    assert found["boxes_open"] is None
    assert found["camera_hours"] == pytest.approx(1 / 3600)


def test_whom_only_the_ensemble_sees_is_left_open(video: Path) -> None:
    found = evaluate_agreement([video], [Blind(), Sure(), Sure(), Sure()])
    assert (found["regions"], found["regions_open"]) == (2, 2)  # three quarters are surer than .6
    assert found["regions_open_per_camera_hour"] == pytest.approx(7200)
    low, high = found["intervals"]["regions_open_per_camera_hour"]
    assert low < 7200 < high


def test_the_small_and_the_unsure_are_no_regions() -> None:
    assert len(regions(raw([(40, 30, 60, 90)]).image, [Sure()])) == 1
    assert regions(raw([(40, 32, 48, 40)]).image, [Sure()]) == []
    assert regions(raw([(40, 30, 60, 90)]).image, [Sure(), Blind()]) == []


def test_the_cost_of_an_hour_is_that_of_its_frames(video: Path) -> None:
    found = evaluate_energy(video, network=Sure())
    assert found["frames"] == 2  # 10 fps read as 5, without the three that warm up
    assert found["cpu_s_per_camera_hour"] == pytest.approx(found["cpu_ms_per_frame"] * 18)
    assert found["memory_mb"] > 20
    with pytest.raises(CoreError, match="no more than"):
        evaluate_energy(video, network=Sure(), count=0)
