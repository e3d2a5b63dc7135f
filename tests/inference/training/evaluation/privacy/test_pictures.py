"""Faces, text and plates count as found after masking only at the same place, and only where they were before."""

import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
import pytest

from inference.core.frames import PERSON, VEHICLE, Image
from inference.training.evaluation.privacy import pictures as attacked
from inference.training.evaluation.privacy.faces import decode, large, packaged, still_found
from inference.training.evaluation.privacy.pictures import attack_pictures, mask_alone
from inference.training.evaluation.privacy.plates import plates, vehicles
from inference.training.evaluation.privacy.text import Text, is_still_read, place, text_reader, texts
from tests.inference.core.masking.scene import FaultyNetwork, PatternNetwork, is_pattern, raw

COVER = (96, 108, 130)


def faces(*rows: tuple[float, ...]) -> np.ndarray:
    return np.array(rows, np.float32).reshape(-1, 5)


def test_maps_become_one_box_for_each_face() -> None:
    heat, size, offset = (np.zeros((1, planes, 16, 16), np.float32) for planes in (1, 2, 2))
    heat[0, 0, 5, 8], heat[0, 0, 5, 9], heat[0, 0, 12, 2], heat[0, 0, 1, 1] = 0.9, 0.7, 0.6, 0.4
    size[0, 0], size[0, 1] = np.log(8), np.log(5)  # cells of 4 pixels: 32 high, 20 wide
    found = decode(heat, size, offset)
    assert np.allclose(found, [[24, 6, 44, 38, 0.9], [0, 34, 20, 66, 0.6]], atol=1e-4)
    assert decode(np.zeros_like(heat), size, offset).shape == (0, 5)


def test_small_faces_do_not_count_and_others_only_at_their_place() -> None:
    both = faces((0, 0, 20, 20, 0.9), (50, 50, 65, 80, 0.9))
    assert len(large(both)) == 1
    raw_faces = faces((0, 0, 20, 20, 0.9), (50, 50, 80, 80, 0.9))
    assert still_found(raw_faces, faces((52, 48, 82, 80, 0.6))).tolist() == [False, True]
    assert still_found(raw_faces, faces()).tolist() == [False, False]
    assert still_found(faces(), raw_faces).tolist() == []


def test_text_is_still_read_if_it_is_much_the_same_at_the_same_place() -> None:
    plate = Text("AB 12345", (10, 10, 60, 30))
    assert is_still_read(plate, [Text("other", (90, 0, 99, 9)), Text("A812345", (11, 9, 61, 31))])
    assert not is_still_read(plate, [Text("AB 12345", (10, 40, 60, 60))])
    assert not is_still_read(plate, [Text("xyz", (10, 10, 60, 30))])
    corners = [[10.2, 10], [60, 11], [60, 30], [10, 29]]
    assert texts([[corners, "AB 12345", 0.9], [corners, "AB", 0.5], [corners, "-1", 0.9]]) == [
        Text("AB 12345", (10, 10, 60, 30))
    ]


def test_text_belongs_to_what_the_labels_say_lies_under_it() -> None:
    classes = np.zeros((50, 100), np.uint8)
    classes[:, 40:70], classes[:, 90:] = VEHICLE, 255
    at = {"elsewhere": 5, "vehicles": 45, "unlabelled": 92}
    for where, left in at.items():
        assert place(Text("ab", (left, 5, left + 8, 15)), classes) == where
    assert place(Text("ab", (200, 5, 220, 15)), classes) == "unlabelled"


def test_plates_are_looked_for_on_each_vehicle() -> None:
    classes = np.zeros((100, 200), np.uint8)
    classes[10:80, 20:100], classes[0:20, 150:160] = VEHICLE, VEHICLE
    assert vehicles(classes) == [(20, 10, 100, 80)]
    before, after = np.zeros((100, 200, 3), np.uint8), np.full((100, 200, 3), COVER, np.uint8)

    def find(image: Image) -> np.ndarray:
        assert image.shape == (70, 80, 3)
        return np.array([[10, 40, 40, 50]] if image.max() == 0 else [], np.float32).reshape(-1, 4)

    assert plates(find, before, after, vehicles(classes)) == (1, 0)
    assert plates(find, before, before, vehicles(classes)) == (1, 1)


def test_a_picture_is_masked_by_the_stage_and_withheld_where_that_fails() -> None:
    image = raw([(40, 30, 60, 90)]).image
    shown, is_withheld = mask_alone(image, PatternNetwork())
    assert not is_withheld
    assert not is_pattern(shown).any()
    shown, is_withheld = mask_alone(image, FaultyNetwork(lambda _: np.full((3, 30, 40), np.nan, np.float32)))
    assert is_withheld
    assert len(np.unique(shown.reshape(-1, 3), axis=0)) == 1


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One picture: a person of the pattern, whose face the finder below sees as long as the pattern shows."""
    for name in ("images", "masks"):
        (tmp_path / "human" / name).mkdir(parents=True)
    image = raw([(40, 30, 60, 90)]).image
    cv2.imwrite(str(tmp_path / "human" / "images" / "a.png"), image[..., ::-1])
    classes = np.zeros(image.shape[:2], np.uint8)
    classes[30:90, 40:60] = PERSON
    cv2.imwrite(str(tmp_path / "human" / "masks" / "a.png"), classes)
    return tmp_path


def attack(
    folder: Path, network: PatternNetwork, monkeypatch: pytest.MonkeyPatch, *, has_extra: bool = True
) -> dict[str, Any]:
    def find(image: Image) -> np.ndarray:
        return faces((40, 30, 60, 50, 0.9)) if is_pattern(image).any() else faces()

    def read(image: Image) -> list[Text]:
        return [Text("shirt", (42, 55, 58, 65))] if is_pattern(image).any() else []

    monkeypatch.setattr(attacked, "packaged", lambda *_: Path("weights") if has_extra else None)
    monkeypatch.setattr(attacked, "FaceFinder", lambda _: find)
    monkeypatch.setattr(attacked, "text_reader", lambda: read if has_extra else None)
    return attack_pictures(folder, network, lambda image: np.empty((0, 4), np.float32))


def test_what_the_mask_covers_is_gone_and_what_it_leaves_is_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = attack(folder, PatternNetwork(), monkeypatch)
    assert (found["faces_raw"], found["faces_masked"], found["face_pictures_masked"]) == (1, 0, 0)
    assert (found["text_people_raw"], found["text_people_masked"], found["text_elsewhere_raw"]) == (1, 0, 0)
    assert found["intervals"]["share_of_faces_left"][1] == pytest.approx(3.689, abs=0.001)
    missed = attack(folder, PatternNetwork(blind=range(9)), monkeypatch)
    assert (missed["faces_masked"], missed["face_pictures_masked"], missed["text_people_masked"]) == (1, 1, 1)
    assert missed["face_failures"] == [{"picture": "human/a.png", "box": [40, 30, 60, 50], "score": 0.9}]
    assert json.loads(json.dumps(missed)) == missed


def test_what_needs_a_package_that_is_missing_is_not_measured_and_says_so(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    found = attack(folder, PatternNetwork(), monkeypatch, has_extra=False)
    assert found["faces_raw"] is None
    assert found["text_people_masked"] is None
    assert found["pictures"] == 1
    assert "requirements-privacy.txt" in caplog.text
    assert "human_kp" in caplog.text


def test_without_the_reader_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rapidocr_onnxruntime", None)
    assert text_reader() is None


def test_weights_come_out_of_a_package_without_importing_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "weights.onnx").write_bytes(b"x")
    spec = SimpleNamespace(submodule_search_locations=[str(tmp_path)])
    monkeypatch.setattr("importlib.util.find_spec", lambda name: spec if name == "there" else None)
    assert packaged("there", "weights.onnx") == tmp_path / "weights.onnx"
    assert packaged("there", "other.onnx") is None
    assert packaged("gone", "weights.onnx") is None
