import json
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image as PillowImage

from inference.core.errors import CoreError
from inference.core.frames import Image
from inference.training.evaluation.masking import evaluate_masking
from inference.training.evaluation.strata import ratio_interval

KEYS = {
    "person_pixel_recall", "person_iou", "people_covered_90", "people_missed", "false_masked_area",
    "face_keypoints_covered", "screen_pixel_recall", "vehicle_pixel_recall", "ms_per_frame",
}  # fmt: skip


class Painted:
    """Finds people where the picture is red, screens where it is green, nothing in the grey of the letterbox."""

    labels = ("person", "screen", "vehicle")
    fingerprint = "painted"

    def probabilities(self, image: Image) -> npt.NDArray[np.float32]:
        cells = image[::4, ::4].astype(np.float32) / 255
        red, green = (np.clip(cells[..., one] - cells[..., 2], 0, 1) for one in (0, 1))
        return np.ascontiguousarray(np.stack([red, green, np.zeros_like(red)]))


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


def test_the_letterbox_is_background_and_the_picture_alone_is_measured_beside(tmp_path: Path) -> None:
    write(tmp_path, (slice(0, 160), slice(0, 240)))  # all of the picture is covered: a 540x360 of 640x360
    found = evaluate_masking(tmp_path, network=Painted())
    picture, people = 540 * 360, 2 * 90 * 180
    assert found["picture_false_masked_area"] == found["picture_people_covered_90"] == 1.0
    assert found["false_masked_area"] == pytest.approx((picture - people) / (640 * 360 - people), abs=0.01)
    assert found["people_covered_90"] == 1.0


def test_in_a_mosaic_people_are_half_as_tall(tmp_path: Path) -> None:
    write(tmp_path, (slice(40, 120), slice(40, 80)))
    alone, four = (evaluate_masking(tmp_path, network=Painted(), is_mosaic=which)["strata"] for which in (False, True))
    assert (alone["height"]["over 120"]["n"], four["height"]["over 120"]["n"]) == (2, 0)
    assert four["height"]["60-120"]["n"] == 2  # 180 pixels of 360, then 90
    assert four["height"]["60-120"]["covered_90"] == 0.5


def test_people_are_grouped_by_what_hides_them_and_a_single_picture_has_no_interval(tmp_path: Path) -> None:
    write(tmp_path, (slice(40, 120), slice(40, 80)))
    people = np.zeros((160, 240), np.uint8)
    people[40:120, 40:60], people[40:120, 60:80], people[100:160, 160:200] = 1, 2, 3
    PillowImage.fromarray(people).save(tmp_path / "inst" / "a.png")
    PillowImage.fromarray((people > 0).astype(np.uint8)).save(tmp_path / "masks" / "a.png")
    found = evaluate_masking(tmp_path, network=Painted())
    groups = found["strata"]["occlusion"]
    assert {name: group["n"] for name, group in groups.items()} == {
        "free": 0,
        "cut by the border": 1,
        "touches another": 2,
    }
    assert (groups["touches another"]["covered_90"], groups["cut by the border"]["missed"]) == (1.0, 1.0)
    assert found["intervals"]["people_missed"] is None
    assert found["strata"]["light"]["dark (< 60)"]["n"] == found["strata"]["crowding"]["2-4"]["n"] == 3


def test_an_interval_holds_the_figure_and_is_wider_with_fewer_pictures() -> None:
    few, many = (ratio_interval([1, 0] * n, [2, 2] * n) for n in (4, 100))
    assert few is not None
    assert many is not None
    assert few[0] < many[0] < 0.25 < many[1] < few[1]


@pytest.mark.shared
def test_the_shipped_network_finds_people_in_labelled_pictures(tmp_path: Path) -> None:
    data = Path(__file__).resolve().parents[4] / "shared" / "data" / "people" / "test" / "human"
    if not data.is_dir():
        pytest.skip("needs the shared data folder beside the checkout")
    for part in ("images", "masks", "inst"):
        (tmp_path / part).mkdir()
        for path in sorted((data / part).iterdir())[60:68]:
            (tmp_path / part / path.name).symlink_to(path)
    found = evaluate_masking(tmp_path)
    assert found["person_pixel_recall"] is not None
    assert found["person_pixel_recall"] > 0.85
