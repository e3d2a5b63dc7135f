"""What `mask` is told about zones and vehicles, and what a run that goes on knows of the film before."""

import json
from collections.abc import Iterator
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from inference.__main__ import main
from inference.commands.reading import Input, Mark
from inference.core.frames import MaskedFrame
from inference.core.masking.paca_seg_config import SILHOUETTE_COLOUR
from inference.core.masking.registry import create_masker
from inference.core.masking.sharpness import BLURRED
from inference.core.masking.stage import MaskingStage, StageConfig
from tests.inference.commands.films import even, film, mask
from tests.inference.core.masking.scene import PatternNetwork

LEFT_HALF = [[[0.0, 0.0], [0.5, 0.0], [0.5, 1.0], [0.0, 1.0]]]
ALL = [[[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]]


@pytest.fixture
def zones(tmp_path: Path) -> Path:
    path = tmp_path / "zones.json"
    path.write_text(json.dumps(LEFT_HALF))
    return path


def _first_frame(path: Path) -> np.ndarray:
    with av.open(str(path)) as container:
        return next(container.decode(video=0)).to_ndarray(format="rgb24").astype(int)


def test_zones_of_a_file_are_covered_in_the_film_and_belong_to_its_key(tmp_path: Path, zones: Path) -> None:
    source, keys = film(tmp_path / "in.mp4", even(0.4)), []
    for name, polygons, more in (("a", LEFT_HALF, []), ("b", ALL, []), ("c", ALL, ["--vehicles", "none"])):
        zones.write_text(json.dumps(polygons))
        out, report = tmp_path / f"{name}.mp4", tmp_path / f"{name}.json"
        given = ["mask", str(source), str(out), "--zones", str(zones), "--json", str(report), *more]
        assert main(given) == 0
        image = _first_frame(out)
        covered = np.abs(image - np.array(SILHOUETTE_COLOUR)).max(axis=2) < 30
        assert covered[:, :46].all(), "the left half"
        assert covered[:, 56:].all() == (polygons is ALL), "the right one only where its zone says so"
        keys.append(json.loads(report.read_text())["key"])
    assert len(set(keys)) == 3, "other zones under the same name, or other vehicles, are never continued"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "cannot be read as JSON"),
        ("{}", "must hold a list of polygons"),
        ("[]", "must hold a list of polygons"),
        ("[[[0, 0], [1, 1]]]", "at least 3 corners"),
        ("[[[0, 0], [1, 1], [2, 0]]]", "each 0 to 1"),
    ],
)
def test_a_file_that_holds_no_zones_is_refused_before_anything_is_read(
    tmp_path: Path, zones: Path, text: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    zones.write_text(text)
    source, out = film(tmp_path / "in.mp4", even(0.2)), tmp_path / "out.mp4"
    assert main(["mask", str(source), str(out), "--zones", str(zones)]) == 2
    assert words in capsys.readouterr().err
    assert not out.exists()


@pytest.mark.parametrize("more", [["--zones", "zones.json"], ["--vehicles", "whole"]])
def test_a_masker_that_knows_no_zones_is_not_given_any(
    tmp_path: Path, more: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    source = film(tmp_path / "in.mp4", even(0.2))
    assert mask(source, tmp_path / "out.mp4", *more) == 2
    assert "belong to the masker paca-seg" in capsys.readouterr().err


@pytest.fixture(scope="module")
def breathed_on(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write 40 s at 2 frames per second, sharp at first, breathed on from 16 s on."""
    chance = np.random.default_rng(1)
    blocks = cv2.resize(chance.integers(0, 256, (12, 20), dtype=np.uint8), (320, 180), interpolation=cv2.INTER_NEAREST)
    sharp = (blocks // 2 + chance.integers(0, 128, (180, 320), dtype=np.uint8)).astype(np.uint8)
    path = tmp_path_factory.mktemp("breath") / "in.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=2, options={"preset": "ultrafast", "crf": "4"})
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        for index in range(80):
            grey = sharp if index < 32 else cv2.GaussianBlur(sharp, (0, 0), 4)
            picture = av.VideoFrame.from_ndarray(
                np.asarray(np.repeat(grey[..., None], 3, axis=2), np.uint8), format="rgb24"
            )
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    return path


def _masked(path: Path, after: Mark | None) -> Iterator[MaskedFrame]:
    masker = create_masker("paca-seg", network=PatternNetwork())
    with MaskingStage(masker, StageConfig(deadline_ms=20_000)) as stage:
        yield from Input(str(path)).masked(stage, "masking", None, after=after, is_quiet=True)


def test_a_run_that_goes_on_shows_what_an_unbroken_one_shows_frame_by_frame(breathed_on: Path) -> None:
    """How sharp a film usually is is learnt over a minute, far longer than what is masked again before the seam."""
    unbroken = list(_masked(breathed_on, None))
    mark = next(frame for frame in unbroken if frame.index == 55)
    going_on = list(_masked(breathed_on, Mark(mark.index, mark.pts_s)))
    rest = unbroken[56:]
    assert any(BLURRED in frame.withheld for frame in rest), "or this would prove nothing"
    assert [frame.withheld for frame in going_on] == [frame.withheld for frame in rest]
    assert all(np.array_equal(one.image, other.image) for one, other in zip(going_on, rest, strict=True))
