from pathlib import Path

import av
import numpy as np
import pytest

from inference.core.errors import RecordingError
from inference.core.recording.masked_file import MaskedFile
from tests.inference.frames import masked_frame, raw_frame


def test_a_masked_file_keeps_uneven_times(tmp_path: Path) -> None:
    out = MaskedFile(tmp_path / "out.mp4")
    times = [5.0, 5.04, 5.5, 9.0]
    for index, at_s in enumerate(times):
        out.write(masked_frame(index, at_s))
    assert not out.path.exists()
    out.close()
    with av.open(str(out.path)) as container:
        assert [frame.time for frame in container.decode(video=0)] == pytest.approx([0, 0.04, 0.5, 4.0], abs=0.001)
    assert [path.name for path in tmp_path.iterdir()] == ["out.mp4"]


def test_colours_stay_what_they_are(tmp_path: Path) -> None:
    out = MaskedFile(tmp_path / "out.mp4")
    image = np.zeros((48, 96, 3), np.uint8)
    colours = [(96, 108, 130), (255, 255, 255), (200, 40, 40)]
    for number, colour in enumerate(colours):
        image[:, number * 32 : number * 32 + 32] = colour
    out.write(masked_frame(0, image=image))
    out.close()
    with av.open(str(out.path)) as container:
        decoded = next(container.decode(video=0)).to_ndarray(format="rgb24")
    assert np.abs(decoded[24, 16::32].astype(int) - np.array(colours)).max() <= 4


def test_a_raw_frame_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="Only a MaskedFrame"):
        MaskedFile(tmp_path / "out.mp4").write(raw_frame())  # type: ignore[arg-type]


def test_a_file_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "out.mp4"
    out = MaskedFile(path)
    out.write(masked_frame(0))
    path.write_text("somebody else's")
    with pytest.raises(RecordingError, match="exists already"):
        out.close()
    assert path.read_text() == "somebody else's"
    with pytest.raises(RecordingError, match="exists already"):
        MaskedFile(path)
    assert [each.name for each in tmp_path.iterdir()] == ["out.mp4"]


def test_discarding_leaves_nothing(tmp_path: Path) -> None:
    out = MaskedFile(tmp_path / "out.mp4")
    out.write(masked_frame(0))
    out.discard()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("name", "said"), [("out.avi", "must be an .mp4"), ("none/out.mp4", "no folder")])
def test_an_output_that_cannot_be_is_refused_before_work_begins(tmp_path: Path, name: str, said: str) -> None:
    with pytest.raises(RecordingError, match=said):
        MaskedFile(tmp_path / name)
