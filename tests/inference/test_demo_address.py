"""Demo cameras: their film is opened, tested and, while it is being made, said to be made."""

from pathlib import Path
from typing import Any

import pytest

from inference.services.demo import STILL_MADE, is_still_made, opened_address
from inference.services.testing import camera_test


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.DATA_DIR = tmp_path
    return tmp_path / "demo"


def test_the_film_of_a_demo_camera_is_opened_and_no_other_file(folder: Path) -> None:
    assert opened_address("demo:stasjon") == str(folder / "stasjon.mp4")
    assert opened_address("demo:../../secret") == str(folder / "secret.mp4")
    assert opened_address("rtsp://10.0.4.20/1") == "rtsp://10.0.4.20/1"


def test_a_film_that_is_being_made_is_no_lost_camera(folder: Path) -> None:
    assert is_still_made("demo:stasjon")
    assert camera_test("demo:stasjon", {}) == {"ok": False, "error": STILL_MADE}
    folder.mkdir()
    (folder / "stasjon.mp4").write_bytes(b"film")
    assert not is_still_made("demo:stasjon")
    assert not is_still_made("rtsp://10.0.4.20/1")
