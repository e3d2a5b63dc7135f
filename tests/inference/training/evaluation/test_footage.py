"""Readers of published layouts: tiny folders generated as published, and the published annotation files themselves."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from scipy.io import savemat

from inference.core.errors import DetectionError
from inference.training.evaluation.benchmark import _flags, evaluate_footage
from inference.training.evaluation.footage import (
    LAYOUTS,
    Footage,
    pictures_of,
    read_footage,
    spans_of,
    ucf_annotations,
    ucsd_annotations,
    xd_annotations,
)
from inference.training.evaluation.judging import Scored
from inference.training.evaluation.seen import see
from tests.inference.core.detection.scenes import brawling, walking
from tests.inference.training.test_detection_evaluation import BrightNetwork, write_clip

BENCHMARKS = Path(__file__).resolve().parents[5] / "shared" / "data" / "benchmarks"
needs_annotations = pytest.mark.skipif(not BENCHMARKS.is_dir(), reason="the published annotations are not at hand")


def touch(path: Path, content: str = "") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)


def pictures(folder: Path, count: int, suffix: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(1, count + 1):
        cv2.imwrite(str(folder / f"{number:03d}{suffix}"), np.full((36, 64, 3), number, np.uint8))


def test_ucf_crime_as_published(tmp_path: Path) -> None:
    touch(tmp_path / "Abuse" / "Abuse028_x264.mp4")
    touch(tmp_path / "Testing_Normal_Videos_Anomaly" / "Normal_Videos_878_x264.mp4")
    lines = "Abuse028_x264.mp4  Abuse  165  240  -1  -1  \nNormal_Videos_878_x264.mp4  Normal  -1  -1  -1  -1  \n"
    touch(tmp_path / "Temporal_Anomaly_Annotation.txt", lines)
    event, ordinary = read_footage("ucf-crime", tmp_path)
    assert (event.is_event, event.spans, event.group) == (True, ((164, 240),), "Abuse028")
    assert (ordinary.is_event, ordinary.spans) == (False, ())
    (tmp_path / "Abuse" / "Abuse028_x264.mp4").unlink()
    with pytest.raises(DetectionError, match=r"Abuse028_x264\.mp4 is annotated and not below"):
        read_footage("ucf-crime", tmp_path)


def test_xd_violence_as_published(tmp_path: Path) -> None:
    touch(tmp_path / "videos" / "v=u5__#00-00-00_label_G-0-0.mp4")
    touch(tmp_path / "videos" / "v=u5__#01-00-00_label_A.mp4")
    touch(tmp_path / "labels.txt", "v=u5__#00-00-00_label_G-0-0 624 912 950 1441\n")
    event, ordinary = read_footage("xd-violence", tmp_path, tmp_path / "labels.txt")
    assert event.spans == ((623, 912), (949, 1441))
    assert (ordinary.is_event, ordinary.spans) == (False, ())
    assert event.group == ordinary.group == "v=u5"  # parts of one film stay together


def test_ucsd_as_published(tmp_path: Path) -> None:
    for name in ("Test001", "Test002", "Test001_gt"):
        pictures(tmp_path / "Test" / name, 4, ".tif")
    touch(
        tmp_path / "Test" / "UCSDped2.m",
        "TestVideoFile = {};\nTestVideoFile{end+1}.gt_frame = [61:180];\n"
        "TestVideoFile{end+1}.gt_frame = [5:90, 140:200];",
    )
    first, second = read_footage("ucsd", tmp_path)
    assert first.spans == ((60, 180),)
    assert second.spans == ((4, 90), (139, 200))
    assert [path.name for path in pictures_of(first.path)] == ["001.tif", "002.tif", "003.tif", "004.tif"]


def test_avenue_as_published(tmp_path: Path) -> None:
    touch(tmp_path / "testing_videos" / "01.avi")
    masks = np.empty((1, 5), dtype=object)
    for index in range(5):
        masks[0, index] = np.full((4, 6), index in {2, 3}, np.uint8)
    folder = tmp_path / "ground_truth_demo" / "testing_label_mask"
    folder.mkdir(parents=True)
    savemat(folder / "1_label.mat", {"volLabel": masks})
    (only,) = read_footage("avenue", tmp_path)
    assert (only.path.name, only.spans) == ("01.avi", ((2, 4),))
    (folder / "1_label.mat").unlink()
    with pytest.raises(DetectionError, match=r"the labels of 01\.avi"):
        read_footage("avenue", tmp_path)


def test_shanghaitech_as_published(tmp_path: Path) -> None:
    pictures(tmp_path / "testing" / "frames" / "01_0014", 6, ".jpg")
    labels = tmp_path / "testing" / "test_frame_mask"
    labels.mkdir()
    np.save(labels / "01_0014.npy", np.array([0, 1, 1, 0, 0, 1], np.int8))
    (only,) = read_footage("shanghaitech", tmp_path)
    assert (only.spans, only.group, only.fps) == (((1, 3), (5, 6)), "01", 24.0)
    np.save(labels / "01_0014.npy", np.zeros(5, np.int8))
    with pytest.raises(DetectionError, match="5 labels for 6 frames"):
        read_footage("shanghaitech", tmp_path)


def test_clip_folders_are_named_by_what_they_hold(tmp_path: Path) -> None:
    for name in ("fight/a.mp4", "no_fight/b.avi", "fight/notes.txt"):
        touch(tmp_path / name)
    event, ordinary = read_footage("folders", tmp_path)
    assert (event.is_event, event.spans) == (True, None)
    assert not ordinary.is_event
    (tmp_path / "no_fight" / "b.avi").unlink()
    with pytest.raises(DetectionError, match="needs a folder of ordinary clips"):
        read_footage("folders", tmp_path)


@pytest.mark.parametrize("layout", sorted(LAYOUTS))
def test_an_empty_folder_is_refused_in_every_layout(layout: str, tmp_path: Path) -> None:
    with pytest.raises(DetectionError):
        read_footage(layout, tmp_path)


def test_wrong_lines_are_named() -> None:
    with pytest.raises(DetectionError, match="Line 2 must be NAME CLASS"):
        ucf_annotations("a.mp4 Abuse 1 2 -1 -1\nb.mp4 Abuse 1 2\n")
    with pytest.raises(DetectionError, match="Line 1 must be NAME START END"):
        xd_annotations("a 1 2 3\n")
    with pytest.raises(DetectionError, match="must be one of ucf-crime"):
        read_footage("nowhere", Path())
    assert ucsd_annotations("x.gt_frame = [ 3:5 9 ];") == [((2, 5), (8, 9))]
    assert spans_of([0, 1, 1, 0, 1]) == ((1, 3), (4, 5))


def test_labels_fall_on_the_moments_of_their_frames() -> None:
    footage = Footage(Path("x"), True, ((10, 20),), "g", fps=10.0)
    scores = Scored(np.array([0.9, 1.0, 1.9, 2.0]), np.zeros(4))
    assert _flags(footage, scores).tolist() == [False, True, True, False]


def test_footage_is_measured_by_frame_and_by_video_and_folders_of_pictures_are_masked(tmp_path: Path) -> None:
    write_clip(tmp_path / "calm.mp4", walking, 3.0)
    write_clip(tmp_path / "wild.mp4", lambda now: walking(now) if now < 2 else brawling(now), 5.0)
    footage = [
        Footage(tmp_path / "calm.mp4", False, (), "a"),
        Footage(tmp_path / "wild.mp4", True, ((20, 50),), "b"),
    ]
    report = evaluate_footage(footage, network=BrightNetwork(), cache=tmp_path / "cache")
    assert report["level"] == "frame"
    assert {"auc", "auc_low", "auc_events_only", "auc_by_video", "video_auc", "alarms_per_hour"} <= report.keys()
    assert report["n"] > 50
    by_video = evaluate_footage(
        [Footage(one.path, one.is_event, None, one.group) for one in footage], network=BrightNetwork(), fps=12.5
    )
    assert (by_video["level"], by_video["n"]) == ("video", 2)
    assert {path.suffix for path in (tmp_path / "cache").iterdir()} == {".npz"}  # masks, no pictures


def test_a_folder_of_pictures_is_seen_at_its_own_rate(tmp_path: Path) -> None:
    pictures(tmp_path / "frames", 24, ".jpg")
    seen = see(tmp_path / "frames", tmp_path / "cache", 12.5, BrightNetwork(), picture_fps=24.0)
    assert seen.times.tolist() == pytest.approx([index / 12 for index in range(12)])
    again = see(tmp_path / "frames", tmp_path / "cache", 12.5, BrightNetwork(), picture_fps=24.0)
    assert np.array_equal(seen.class_maps, again.class_maps)
    with pytest.raises(DetectionError, match="`picture_fps` must be given"):
        see(tmp_path / "frames", None, 12.5, BrightNetwork())


@needs_annotations
def test_the_published_annotations_are_read_whole() -> None:
    ucf = ucf_annotations((BENCHMARKS / "ucf-crime" / "Temporal_Anomaly_Annotation.txt").read_text())
    xd = xd_annotations((BENCHMARKS / "xd-violence" / "XD_Annotation.txt").read_text())
    assert len(ucf) == 290
    assert sum(kind == "Normal" for kind, _ in ucf.values()) == 150
    assert all(bool(spans) == (kind != "Normal") for kind, spans in ucf.values())
    assert len(xd) >= 499
    assert all(xd.values())
