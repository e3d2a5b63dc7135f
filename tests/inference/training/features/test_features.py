"""Feature files of others and the head over them: published shapes, labels of videos only, figures by frame."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from inference.core.errors import DetectionError
from inference.training.features.files import find_features, frame_scores, read_features, resample, video_of
from inference.training.features.head import Head, HeadConfig, mil_loss
from inference.training.features.train import Plan, main, measure_head, read_video_labels, score_video, train_head

C3D = Path(__file__).resolve().parents[5] / "shared" / "data" / "benchmarks" / "ucf-crime" / "c3d"
WIDTH = 12


def a_video(
    chance: np.random.Generator, event: tuple[int, int] | None, segments: int = 40, crops: int = 2
) -> np.ndarray:
    """Ordinary segments point one way; those of an event lean towards another."""
    values = chance.normal(0.0, 0.4, (segments, crops, WIDTH)) + np.eye(WIDTH)[0]
    if event is not None:
        values[event[0] : event[1]] += 1.5 * np.eye(WIDTH)[1]
    return np.asarray(values, np.float32)


def some_videos(
    count: int, seed: int
) -> tuple[dict[str, np.ndarray], dict[str, bool], dict[str, tuple[tuple[int, int], ...]]]:
    chance = np.random.default_rng(seed)
    videos, labels = {}, {}
    spans: dict[str, tuple[tuple[int, int], ...]] = {}
    for number in range(count):
        start = int(chance.integers(5, 30))
        event = (start, start + 6) if number % 2 else None
        name = f"v{number}"
        videos[name], labels[name] = a_video(chance, event), event is not None
        spans[name] = () if event is None else ((event[0] * 16, event[1] * 16),)
    return videos, labels, spans


def test_published_names_and_shapes_are_read(tmp_path: Path) -> None:
    np.save(tmp_path / "Abuse028_x264_i3d.npy", np.ones((7, 10, 8), np.float32))
    np.save(tmp_path / "plain.npy", np.ones((5, 8), np.float16))
    for crop in (1, 0, 2):
        np.save(tmp_path / f"v=a__#1_label_A__{crop}.npy", np.full((4, 8), crop, np.float32))
    np.savetxt(tmp_path / "Arrest001_x264.txt", np.ones((32, 6)))
    found = find_features(tmp_path)
    assert set(found) == {"Abuse028_x264", "plain", "v=a__#1_label_A", "Arrest001_x264"}
    shapes = {name: read_features(paths).shape for name, paths in found.items()}
    assert shapes == {
        "Abuse028_x264": (7, 10, 8), "plain": (5, 1, 8), "v=a__#1_label_A": (4, 3, 8), "Arrest001_x264": (32, 1, 6)
    }  # fmt: skip
    assert read_features(found["v=a__#1_label_A"])[0, :, 0].tolist() == [0.0, 1.0, 2.0]
    assert video_of(Path("v=b__#00-01_label_B1-0-0__4.npy")) == "v=b__#00-01_label_B1-0-0"


def test_what_is_no_feature_file_is_refused_with_the_reason(tmp_path: Path) -> None:
    with pytest.raises(DetectionError, match="holds no feature file"):
        find_features(tmp_path)
    for crop in (0, 2):
        np.save(tmp_path / f"v__{crop}.npy", np.ones((4, 8), np.float32))
    with pytest.raises(DetectionError, match=r"crops 0 to 1, got \[0, 2\]"):
        find_features(tmp_path)
    np.save(tmp_path / "x.npy", np.array([["a"]], object), allow_pickle=True)
    with pytest.raises(DetectionError, match="cannot be read as features"):
        read_features([tmp_path / "x.npy"])
    np.save(tmp_path / "y.npy", np.full((2, 3), np.nan, np.float32))
    with pytest.raises(DetectionError, match="not finite"):
        read_features([tmp_path / "y.npy"])
    np.save(tmp_path / "z.npy", np.ones(5, np.float32))
    with pytest.raises(DetectionError, match=r"\(T, D\) or \(T, C, D\)"):
        read_features([tmp_path / "z.npy"])


def test_segments_stretch_over_time() -> None:
    features = np.arange(8, dtype=np.float32).reshape(8, 1, 1)
    assert resample(features, 4).ravel().tolist() == [0.5, 2.5, 4.5, 6.5]
    assert resample(features[:2], 4).ravel().tolist() == [0.0, 0.0, 1.0, 1.0]
    assert frame_scores(np.array([0.1, 0.9]), 6).tolist() == [0.1, 0.1, 0.1, 0.9, 0.9, 0.9]


def test_labels_of_videos_are_enough_to_find_the_segments() -> None:
    videos, labels, _ = some_videos(40, seed=0)
    head = train_head(videos, labels, Plan(steps=80, batch=8))
    unseen, _, spans = some_videos(20, seed=1)
    report = measure_head(head, unseen, spans)
    assert report["frame_auc"] > 0.9
    assert report["video_auc"] > 0.9
    assert report["frames"] == 20 * 40 * 16
    again = train_head(videos, labels, Plan(steps=80, batch=8))
    assert np.array_equal(score_video(head, unseen["v1"]), score_video(again, unseen["v1"]))


def test_the_loss_falls_when_events_score_and_ordinary_life_does_not() -> None:
    config = HeadConfig(features=WIDTH)
    is_event, size = torch.tensor([0.0, 1.0]), torch.ones(2, 8)
    right, wrong = torch.full((2, 8), -4.0), torch.full((2, 8), -4.0)
    right[1, :3] = wrong[0, :3] = 4.0
    assert mil_loss(right, size, is_event, config) < mil_loss(wrong, size, is_event, config) - 3.0
    assert torch.isfinite(mil_loss(right[:, :1], size[:, :1], is_event, config))


def test_labels_and_features_must_fit(tmp_path: Path) -> None:
    videos, labels, spans = some_videos(4, seed=0)
    with pytest.raises(DetectionError, match="1 labelled videos have no features, among them lost"):
        train_head(videos, {**labels, "lost": True}, Plan(steps=1))
    with pytest.raises(DetectionError, match="one width"):
        train_head({**videos, "v0": videos["v0"][:, :, :5]}, labels, Plan(steps=1))
    head = Head(HeadConfig(features=WIDTH)).eval()
    with pytest.raises(DetectionError, match="v0 has features and no annotation"):
        measure_head(head, videos, {})
    (tmp_path / "l.csv").write_text("video,anomalous\na,1\n")
    with pytest.raises(DetectionError, match="with and without an event"):
        read_video_labels(tmp_path / "l.csv")
    with pytest.raises(DetectionError, match="`steps` and `batch`"):
        Plan(steps=0)
    assert len(spans) == 4


def test_one_command_trains_measures_and_writes_without_pickles(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    videos, labels, spans = some_videos(8, seed=2)
    for part in ("train", "test"):
        (tmp_path / part).mkdir()
        for name, values in videos.items():
            np.save(tmp_path / part / f"{name}.npy", values)
    rows = "\n".join(f"{name},{int(label)}" for name, label in labels.items())
    (tmp_path / "labels.csv").write_text(f"video,anomalous\n{rows}\n")
    lines = [
        f"{name}.mp4 {'Abuse' if own else 'Normal'} {own[0][0] + 1 if own else -1} {own[0][1] if own else -1} -1 -1"
        for name, own in spans.items()
    ]
    (tmp_path / "annotations.txt").write_text("\n".join(lines) + "\n")
    monkeypatch.setattr(
        sys,
        "argv",
        ["train", "--train", str(tmp_path / "train"), "--labels", str(tmp_path / "labels.csv"), "--steps", "40",
         "--test", str(tmp_path / "test"), "--annotations", str(tmp_path / "annotations.txt"),
         "--out", str(tmp_path / "out")],
    )  # fmt: skip
    main()
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert report["videos"] == 8
    assert report["frame_auc"] > 0.8
    assert len(report["train_sha256"]) == len(report["weights_sha256"]) == 64
    with np.load(tmp_path / "out" / "head.npz", allow_pickle=False) as arrays:
        assert "score.weight" in arrays.files
    assert '"frame_auc"' in capsys.readouterr().out


@pytest.mark.skipif(not C3D.is_dir(), reason="the published feature files are not at hand")
def test_published_c3d_files_are_read() -> None:
    for paths in find_features(C3D).values():
        assert read_features(paths).shape == (32, 1, 4096)
