"""Labels of people: every file is sound, wrong ones are told, and no picture of somebody lands in a checkout."""

import json
from pathlib import Path

import numpy as np
import pytest

from inference.core.errors import CoreError
from inference.training.evaluation.label_frames import draw, main, read_frame, read_labels, save

LABELS = sorted((Path(__file__).resolve().parents[2] / "labels" / "cctv").glob("*.json"))
SHARED = Path(__file__).resolve().parents[4] / "shared" / "data"


def test_at_least_sixty_frames_of_eight_scenes_are_labelled() -> None:
    labels = [read_labels(path) for path in LABELS]
    assert len(labels) >= 60
    assert sum(len(one.people) for one in labels) >= 350
    assert len({(one.video, one.frame) for one in labels}) == len(labels)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"people": [[5, 5, 300, 20, ""]]}, "not inside"),
        ({"people": [[20, 5, 10, 20, ""]]}, "not inside"),
        ({"people": [[5, 5, 10, 20, "thief"]]}, "notes must be of"),
        ({"frame": -1}, "0 or more"),
        ({"by": "paca-seg"}, "must be one of"),
        ({"size": None}, "no label file"),
    ],
)
def test_a_wrong_label_is_refused_with_what_is_allowed(tmp_path: Path, change: dict[str, object], word: str) -> None:
    sound = {"video": "a.mp4", "frame": 3, "size": [100, 80], "people": [[5, 5, 10, 20, ""]], "ignore": [], "by": "eye"}
    path = tmp_path / "label.json"
    path.write_text(json.dumps(sound))
    assert read_labels(path).people == (((5.0, 5.0, 10.0, 20.0), ""),)
    path.write_text(json.dumps(sound | change))
    with pytest.raises(CoreError, match=word):
        read_labels(path)


def test_boxes_are_drawn_at_their_place_in_the_enlarged_picture() -> None:
    image = np.zeros((80, 100, 3), np.uint8)
    drawn = draw(image, [(50.0, 40.0, 90.0, 70.0)], (), 1000)
    assert drawn.shape == (800, 1000, 3)
    assert drawn[500, 500].tolist() == [255, 255, 0]
    assert drawn[500, 450].tolist() != [255, 255, 0]


def test_a_picture_is_never_written_into_a_checkout(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    with pytest.raises(CoreError, match="checkout"):
        save(np.zeros((4, 4, 3), np.uint8), tmp_path / "pictures", "frame")
    assert not (tmp_path / "pictures").exists()


def test_a_video_that_is_not_there_is_told_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["propose", "absent.mp4", "3", "--data", str(tmp_path), "--out", str(tmp_path)]) == 2
    assert capsys.readouterr().err.startswith("label_frames: ")


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data folder is not here")
@pytest.mark.parametrize("path", LABELS[::8], ids=lambda path: path.stem)
def test_labels_fit_the_frames_they_were_made_on(path: Path) -> None:
    labels = read_labels(path)
    assert read_frame(SHARED / labels.video, labels.frame).shape[:2][::-1] == labels.size
