import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PillowImage

from inference.training.masking.batches import Crops, make_pool, zones_of
from inference.training.masking.compose import screen_of, shrink
from inference.training.masking.data import DataError, cut_outs, load, read_source, to_planes


def folder_of(path: Path, *, size: tuple[int, int] = (120, 160)) -> Path:
    for name in ("images", "masks"):
        (path / name).mkdir(parents=True)
    random = np.random.default_rng(1)
    for number in range(2):
        image = random.integers(0, 256, (*size, 3), dtype=np.uint8)
        mask = np.zeros(size, np.uint8)
        mask[20:100, 40:70] = 1
        mask[20:60, 90:130] = 2
        mask[80:110, 90:150] = 3
        mask[:5] = 255
        PillowImage.fromarray(image).save(path / "images" / f"{number}.png")
        PillowImage.fromarray(mask).save(path / "masks" / f"{number}.png")
    return path


def test_what_was_not_labelled_is_unknown_and_not_absent() -> None:
    class_map = np.array([[0, 1, 2, 3, 255]], np.uint8)
    person, screen, vehicle = to_planes(class_map, (True, False, False))[:, 0].tolist()
    assert person == [0, 1, 0, 0, 255]
    assert screen == [255, 0, 1, 0, 255]
    assert vehicle == [255, 0, 0, 1, 255]


def test_a_folder_is_read_with_the_classes_that_its_manifest_names(tmp_path: Path) -> None:
    folder_of(tmp_path / "train" / "human")
    (tmp_path / "MANIFEST.csv").write_text(
        "file,classes_labelled\ntrain/human/images/0.png,person\ntrain/human/images/1.png,person+screen+vehicle\n"
    )
    source = read_source({"path": "train/human"}, tmp_path)
    assert [entry.labelled for entry in source.entries] == [(True, False, False), (True, True, True)]


def test_a_simulator_folder_has_all_classes(tmp_path: Path) -> None:
    source = read_source({"path": "sim"}, folder_of(tmp_path / "sim").parent)
    assert all(entry.labelled == (True, True, True) for entry in source.entries)


def test_the_published_coco_layout_is_read(tmp_path: Path) -> None:
    (tmp_path / "val2017").mkdir()
    PillowImage.fromarray(np.zeros((50, 60, 3), np.uint8)).save(tmp_path / "val2017" / "7.jpg")
    square = [[10, 10, 30, 10, 30, 40, 10, 40]]
    crowd = {"counts": [], "size": [50, 60]}
    content = {
        "images": [{"id": 7, "file_name": "7.jpg"}, {"id": 8, "file_name": "absent.jpg"}],
        "categories": [{"id": 1, "name": "person"}, {"id": 72, "name": "tv"}, {"id": 3, "name": "car"}],
        "annotations": [
            {"image_id": 7, "category_id": 1, "segmentation": square, "bbox": [10, 10, 20, 30], "area": 600},
            {"image_id": 7, "category_id": 1, "segmentation": crowd, "iscrowd": 1, "bbox": [40, 0, 20, 20], "area": 9},
        ],
    }
    path = tmp_path / "instances_val2017.json"
    path.write_text(json.dumps(content))
    source = read_source({"path": path.name}, tmp_path)
    assert len(source.entries) == 1
    planes = load(source.entries[0]).planes
    assert planes[0, 20, 20] == 1
    assert planes[0, 5, 50] == 255
    assert planes[0, 45, 5] == 0


def test_absent_or_ill_fitting_data_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="does not exist"):
        read_source({"path": "nowhere"}, tmp_path)
    folder = folder_of(tmp_path / "sim")
    PillowImage.fromarray(np.zeros((3, 3), np.uint8)).save(folder / "masks" / "0.png")
    with pytest.raises(DataError, match="its mask is"):
        load(read_source({"path": "sim"}, tmp_path).entries[0])
    (folder / "images" / "0.png").unlink()
    with pytest.raises(DataError, match="no picture beside it"):
        read_source({"path": "sim"}, tmp_path)


def test_objects_are_cut_out_only_where_labels_are_exact(tmp_path: Path) -> None:
    folder_of(tmp_path / "sim")
    assert cut_outs([read_source({"path": "sim"}, tmp_path)]) == []
    pieces = cut_outs([read_source({"path": "sim", "cut_outs": True}, tmp_path)])
    assert sorted(piece.index for piece in pieces) == [0, 0, 1, 1, 2, 2]
    assert pieces[0].rgba.shape == (80, 30, 4)


def test_crops_are_exact_in_shape_and_range_and_repeat_with_their_seed(tmp_path: Path) -> None:
    folder_of(tmp_path / "sim")
    source = read_source({"path": "sim", "cut_outs": True, "background": True}, tmp_path)
    pool = make_pool([source])
    first, again = (next(iter(Crops(pool, size=96, batch=6, seed=3))) for _ in range(2))
    images, share, is_known, zones = first
    assert tuple(images.shape) == (6, 3, 96, 96)
    assert tuple(share.shape) == tuple(is_known.shape) == (6, 3, 24, 24)
    assert tuple(zones.shape) == (6, 24, 24)
    assert 0 <= float(share.min()) <= float(share.max()) <= 1
    assert all(bool((one == other).all()) for one, other in zip(first, again, strict=True))


def test_unknown_pixels_are_no_part_of_a_cells_share() -> None:
    planes = np.zeros((3, 4, 8), np.uint8)
    planes[0, :, :2] = 1
    planes[0, :, 2:4] = 255
    planes[0, :, 4:8] = 255
    share, is_known = shrink(planes)
    assert share[0, 0, 0] == 1.0
    assert is_known[0, 0].tolist() == [True, False]


def test_people_of_different_heights_lie_in_different_zones() -> None:
    share = np.zeros((80, 80), np.float32)
    share[2:6, 2:4] = 1  # 16 px tall
    share[20:70, 40:50] = 1  # 200 px tall
    zones = zones_of(share)
    assert zones[4, 3] == 1
    assert zones[40, 45] == 8
    assert zones[79, 0] == 0


def test_a_made_up_display_is_a_screen() -> None:
    random = np.random.default_rng(0)
    for _ in range(20):
        made = screen_of(np.full((200, 200, 3), 90, np.uint8), random)
        assert made.index == 1
        assert made.rgba.shape[2] == 4
        assert made.rgba[..., 3].any()


def test_pictures_of_nobody_and_of_rare_things_are_known_by_name(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "human")
    mask = np.zeros((120, 160), np.uint8)
    mask[20:60, 90:130] = 2
    PillowImage.fromarray(mask).save(folder / "masks" / "1.png")  # a screen, and nobody
    source = read_source({"path": "human", "cut_outs": True}, tmp_path)
    pool = make_pool([source])
    assert [entry.image.stem for entry in pool.empty] == ["1"]
    assert sorted((entry.image.stem, index) for entry, index in pool.rare) == [("0", 1), ("0", 2), ("1", 1)]


def test_a_picture_with_unknown_people_is_nobody_s_background(tmp_path: Path) -> None:
    source = read_source({"path": "human"}, folder_of(tmp_path / "human").parent)
    assert make_pool([source]).empty == (), "labels that are not exact cannot say that nobody is there"
