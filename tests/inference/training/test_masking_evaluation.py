import json
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image as PillowImage

from inference.core.errors import CoreError
from inference.core.frames import Image
from inference.training.evaluation.masking import evaluate_masking

KEYS = {
    "person_pixel_recall", "person_iou", "people_covered_90", "people_missed", "false_masked_area",
    "face_keypoints_covered", "screen_pixel_recall", "vehicle_pixel_recall", "ms_per_frame",
}  # fmt: skip


class Painted:
    """Finds people where the picture is red, screens where it is green."""

    labels = ("person", "screen", "vehicle")
    fingerprint = "painted"

    def probabilities(self, image: Image) -> npt.NDArray[np.float32]:
        cells = image[::4, ::4].astype(np.float32) / 255
        return np.ascontiguousarray(np.stack([cells[..., 0], cells[..., 1], np.zeros_like(cells[..., 0])]))


def write(folder: Path, painted: tuple[slice, slice]) -> Path:
    for name in ("images", "masks", "inst", "ann"):
        (folder / name).mkdir()
    image = np.zeros((160, 240, 3), np.uint8)
    image[(*painted, 0)] = 255
    mask, people = np.zeros((160, 240), np.uint8), np.zeros((160, 240), np.uint8)
    mask[40:120, 40:80], people[40:120, 40:80] = 1, 1
    mask[40:120, 160:200], people[40:120, 160:200] = 1, 2
    PillowImage.fromarray(image).save(folder / "images" / "a.png")
    PillowImage.fromarray(mask).save(folder / "masks" / "a.png")
    PillowImage.fromarray(people).save(folder / "inst" / "a.png")
    faces = [[[60.0, 50.0, 2]] * 5, [[180.0, 50.0, 2]] * 4 + [[0.0, 0.0, 0]]]
    (folder / "ann" / "a.json").write_text(json.dumps({"boxes": [], "keypoints": faces}))
    return folder


def test_one_of_two_people_covered_is_measured_as_such(tmp_path: Path) -> None:
    found = evaluate_masking(write(tmp_path, (slice(40, 120), slice(40, 80))), network=Painted())
    assert set(found) >= KEYS
    assert found["people_covered_90"] == found["people_missed"] == 0.5
    assert found["person_pixel_recall"] == pytest.approx(0.5, abs=0.01)
    assert found["face_keypoints_covered"] == pytest.approx(5 / 9)
    assert found["false_masked_area"] is not None
    assert 0 < found["false_masked_area"] < 0.15
    assert found["screen_pixel_recall"] is None


def test_nothing_found_is_everybody_missed(tmp_path: Path) -> None:
    found = evaluate_masking(write(tmp_path, (slice(0, 0), slice(0, 0))), network=Painted())
    assert found["people_missed"] == 1.0
    assert found["person_iou"] == found["false_masked_area"] == 0.0


def test_data_without_masks_leaves_their_figures_open(tmp_path: Path) -> None:
    write(tmp_path, (slice(40, 120), slice(40, 80)))
    (tmp_path / "masks" / "a.png").unlink()
    found = evaluate_masking(tmp_path, network=Painted())
    assert found["person_pixel_recall"] is found["people_missed"] is found["false_masked_area"] is None
    assert found["face_keypoints_covered"] is not None


def test_an_empty_folder_and_an_ill_fitting_mask_are_errors(tmp_path: Path) -> None:
    with pytest.raises(CoreError, match="holds no picture"):
        evaluate_masking(tmp_path, network=Painted())
    write(tmp_path, (slice(0, 0), slice(0, 0)))
    PillowImage.fromarray(np.zeros((5, 5), np.uint8)).save(tmp_path / "masks" / "a.png")
    with pytest.raises(CoreError, match="its picture is"):
        evaluate_masking(tmp_path, network=Painted())


@pytest.mark.shared
def test_the_shipped_network_finds_people_in_labelled_pictures(tmp_path: Path) -> None:
    data = Path(__file__).resolve().parents[4] / "shared" / "data" / "people" / "test" / "human"
    if not data.is_dir():
        pytest.skip("needs the shared data folder beside the checkout")
    for part in ("images", "masks", "inst"):
        (tmp_path / part).mkdir()
        for path in sorted((data / part).iterdir())[60:84]:
            (tmp_path / part / path.name).symlink_to(path)
    found = evaluate_masking(tmp_path)
    assert found["person_pixel_recall"] is not None
    assert found["person_pixel_recall"] > 0.85
