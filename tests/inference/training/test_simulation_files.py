"""What the simulator writes to disk: training pictures and the demo cameras."""

import json
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from inference.core.errors import RecordingError
from inference.training.simulation import demo
from inference.training.simulation.config import Incident
from inference.training.simulation.dataset import PALETTE, write_dataset


def test_a_data_set_has_a_palette_mask_for_every_picture_and_is_repeatable(tmp_path: Path) -> None:
    for name in ("first", "second"):
        write_dataset(tmp_path / name, frames=4, seed=5)
    pictures = sorted((tmp_path / "first" / "images").glob("*.jpg"))
    assert len(pictures) == 4
    for picture in pictures:
        mask_file = tmp_path / "first" / "masks" / f"{picture.stem}.png"
        with Image.open(mask_file) as mask, Image.open(picture) as image:
            assert mask.mode == "P"
            assert mask.size == image.size == (640, 360)
            assert (mask.getpalette() or [])[: len(PALETTE)] == PALETTE
            assert set(np.unique(np.asarray(mask))) <= {0, 1, 2, 3}
        for kind in ("images", "masks"):
            file = (picture if kind == "images" else mask_file).name
            assert (tmp_path / "first" / kind / file).read_bytes() == (tmp_path / "second" / kind / file).read_bytes()


@pytest.fixture
def short_camera(monkeypatch: pytest.MonkeyPatch) -> str:
    config = replace(demo.CAMERAS["torggata"], duration_s=3.0, incidents=(Incident("fight", 1.0, 2.0),))
    monkeypatch.setitem(demo.CAMERAS, "torggata", config)
    return "torggata"


def test_a_demo_camera_is_a_playable_film_with_its_truth_beside_it(short_camera: str, tmp_path: Path) -> None:
    out = tmp_path / "films" / "camera.mp4"
    demo.render_demo(short_camera, out)
    with av.open(str(out)) as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.name, stream.width, stream.height) == ("h264", 640, 360)
        assert stream.average_rate == demo.FPS
        assert sum(1 for _ in container.decode(stream)) == 38
    truth = json.loads(out.with_suffix(".json").read_text())
    assert truth["incidents"] == [{"kind": "fight", "start_s": 1.0, "duration_s": 2.0, "end_s": 3.0}]
    assert truth["regions"]
    assert all(0 <= value <= 1 for region in truth["regions"] for value in region["box"])
    assert sorted(file.name for file in out.parent.iterdir()) == ["camera.json", "camera.mp4"]


def test_a_film_that_cannot_be_written_leaves_nothing_behind(short_camera: str, tmp_path: Path) -> None:
    out = tmp_path / "camera.mp4"
    out.mkdir()
    with pytest.raises(RecordingError, match="cannot be written"):
        demo.render_demo(short_camera, out)
    assert not list(tmp_path.glob("*.partial"))


def test_an_unknown_demo_camera_is_refused_with_the_names_that_exist(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="stasjon, torggata"):
        demo.render_demo("elsewhere", tmp_path / "camera.mp4")


def test_the_demo_cameras_show_their_first_incident_within_a_minute() -> None:
    for config in demo.CAMERAS.values():
        assert 15.0 <= config.incidents[0].start_s <= 60.0
        assert 120.0 <= config.duration_s <= 150.0
