from collections import deque
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest

from inference.commands.reading import Input
from inference.core.decode.reader import Reader
from inference.core.frames import RawFrame
from inference.core.masking.registry import create_masker
from inference.core.masking.stage import MaskingStage
from tests.inference.commands.films import even, film
from tests.inference.frames import START, raw_frame


class CameraThatComesBack:
    """Stands in for a live reader: ten frames, two seconds without, ten frames that count their time from 0 again."""

    is_ended = False
    damaged = dropped = 0

    def __init__(self, is_lost: bool = False) -> None:
        self._frames: deque[RawFrame] = deque()
        for index in range(10):
            self._frames.append(raw_frame(index, discontinuity=index == 0))
        for index in range(0 if is_lost else 10):
            at = START + timedelta(seconds=2.9 + index / 10)
            self._frames.append(replace(raw_frame(index, discontinuity=index == 0), index=10 + index, captured_at=at))
        self._is_lost = is_lost

    def start(self) -> None:
        pass

    def stop(self) -> None:
        pass

    def get(self, _: float) -> RawFrame | None:
        if self._frames:
            return self._frames.popleft()
        self.is_ended = not self._is_lost
        return None


def _live(tmp_path: Path, camera: CameraThatComesBack) -> Input:
    source = Input(str(film(tmp_path / "in.mp4", even(0.2))))
    source.is_live, source.reader = True, cast("Reader", camera)
    return source


def test_a_camera_that_comes_back_goes_on_in_time_with_the_gap_it_had(tmp_path: Path) -> None:
    with MaskingStage(create_masker("cover-all")) as stage:
        frames = list(_live(tmp_path, CameraThatComesBack()).masked(stage, "masking", None))
    expected = [index / 10 for index in range(10)] + [2.9 + index / 10 for index in range(10)]
    assert [frame.pts_s for frame in frames] == pytest.approx(expected)
    assert [frame.index for frame in frames if frame.discontinuity] == [0, 10]


def test_a_camera_that_does_not_come_back_ends_when_its_time_is_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inference.commands.reading.LOST_S", 0.1)
    with MaskingStage(create_masker("cover-all")) as stage:
        frames = list(_live(tmp_path, CameraThatComesBack(is_lost=True)).masked(stage, "masking", 1.5))
    assert len(frames) == 10
