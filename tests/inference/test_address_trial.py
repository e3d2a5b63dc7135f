"""The picture shown when an address is tried or zones are drawn: masked as the stream would mask it."""

import base64
import io
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

from cameras.models import Camera
from inference.core.masking.registry import create_masker
from inference.services import testing
from tests.inference.core.masking.scene import PatternNetwork

PERSON = (230, 20, 230)
ZONE = [[0.0, 0.0], [0.25, 0.0], [0.25, 0.25], [0.0, 0.25]]


@pytest.fixture
def address(tmp_path: Path, settings: Any) -> str:
    """Write two seconds with somebody standing still, as a demo camera's film."""
    settings.DATA_DIR = tmp_path
    (tmp_path / "demo").mkdir()
    image = np.random.default_rng(1).integers(90, 180, (180, 320, 3), dtype=np.uint8)
    image[60:140, 140:170] = PERSON
    with av.open(str(tmp_path / "demo" / "still.mp4"), "w") as container:
        stream = container.add_stream("libx264", rate=5, options={"preset": "ultrafast", "crf": "4"})
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        for _ in range(10):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        container.mux(stream.encode(None))
    return "demo:still"


def _shown(address: str, blind: set[int], monkeypatch: pytest.MonkeyPatch, **settings: Any) -> np.ndarray:
    network = PatternNetwork(blind=blind)
    monkeypatch.setattr(
        testing, "create_masker", lambda name, **options: create_masker(name, network=network, **options)
    )
    told = testing.camera_test(address, Camera(**settings).masking)
    assert told["ok"], told
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(told["jpeg"])))).astype(int)


def _is_open(image: np.ndarray) -> bool:
    return bool((np.abs(image - np.array(PERSON)).max(axis=2) < 40).any())


def test_somebody_missed_in_the_frame_shown_is_covered_all_the_same(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not _is_open(_shown(address, {3, 4, 5, 6, 7, 8}, monkeypatch)), "held from before"
    assert not _is_open(_shown(address, {0, 1, 2, 3, 4}, monkeypatch)), "found only after"
    assert _is_open(_shown(address, set(range(20)), monkeypatch)), "or nothing is proven: there is somebody to see"


def test_the_settings_of_the_camera_hold(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = _shown(address, set(), monkeypatch)
    zoned = _shown(address, set(), monkeypatch, masked_zones=[ZONE])
    height, width = plain.shape[:2]
    corner = slice(0, height // 5), slice(0, width // 5)
    assert plain[corner].std() > 10
    assert zoned[corner].std(axis=(0, 1)).max() < 6, "one solid colour"
