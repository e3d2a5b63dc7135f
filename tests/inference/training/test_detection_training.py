import json
from pathlib import Path

import numpy as np
import pytest

from inference.core.detection.model import load_model
from inference.core.detection.pooling import Pool
from inference.core.errors import DetectionError, WeightsError
from inference.training.detection.corrupt import MaskErrors
from inference.training.detection.fit import balanced_weight, fit_isotonic, fit_rising, standardise
from inference.training.detection.heads import HEAD_FEATURES, HEADS
from inference.training.detection.train import TrainConfig, fit_model, main, read_config, save
from inference.training.detection.views import NORMAL, UNCLEAR, BagConfig, Windows, draw_scene

CONFIG_FILE = Path(__file__).parents[3] / "inference" / "training" / "detection" / "paca-detect.toml"
INPUT_OF = [Pool.NAMES.index(f"{name}.mean") for name in ("pair_energy", "fast_share", "lying")]


def made_up_windows(scenes: int = 40) -> Windows:
    """Windows in which head k raises one of its inputs."""
    chance = np.random.default_rng(5)
    rows = []
    for bag in range(scenes):
        for step in range(24):
            label = NORMAL if step < 12 else UNCLEAR if step == 12 else bag % len(HEADS)
            values = chance.normal(size=len(Pool.NAMES))
            if label >= 0:
                values[INPUT_OF[label]] += 3.0
            rows.append((values, label, bag, bag, 0.4 * step))
    return Windows(
        inputs=np.array([row[0] for row in rows], np.float32),
        labels=np.array([row[1] for row in rows], np.int64),
        bags=np.array([row[2] for row in rows], np.int64),
        views=np.array([row[3] for row in rows], np.int64),
        times=np.array([row[4] for row in rows], np.float32),
    )


def test_a_fitted_model_is_saved_with_its_origin_and_read_by_the_detector(tmp_path: Path) -> None:
    settings = TrainConfig(seed=0, scenes=40)
    numbers, metrics = fit_model(made_up_windows(), settings)
    assert metrics["auc"] > 0.9
    save(numbers, metrics, settings, CONFIG_FILE, tmp_path)
    model = load_model(tmp_path)
    for head in range(len(HEADS)):
        pooled = np.zeros(len(Pool.NAMES), np.float32)
        pooled[INPUT_OF[head]] = 3.0
        assert int(model.scores(pooled).argmax()) == head
    assert model.confidence(0.95) > model.confidence(0.05)
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert {"files", "licence", "source", "data", "command", "seed", "commit", "config_sha256"} <= manifest.keys()


def test_weights_that_do_not_match_their_manifest_are_refused(tmp_path: Path) -> None:
    settings = TrainConfig(seed=0, scenes=40)
    save(*fit_model(made_up_windows(), settings), settings, CONFIG_FILE, tmp_path)
    weights = tmp_path / "weights.json"
    weights.write_text(weights.read_text().replace("0.", "1.", 1))
    with pytest.raises(WeightsError, match="SHA-256"):
        load_model(tmp_path)


def test_missing_weights_are_told_by_name(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="manifest"):
        load_model(tmp_path)


def test_training_without_any_event_of_a_kind_is_refused() -> None:
    windows = made_up_windows()
    labels = np.where(windows.labels == 2, NORMAL, windows.labels)
    with pytest.raises(DetectionError, match="fall"):
        fit_model(Windows(windows.inputs, labels, windows.bags, windows.views, windows.times), TrainConfig(0, 40))


def test_training_never_overwrites_weights(tmp_path: Path) -> None:
    (tmp_path / "weights.json").write_text("{}")
    with pytest.raises(DetectionError, match="never overwritten"):
        main(CONFIG_FILE, tmp_path)


def test_the_shipped_configuration_can_be_read_and_a_wrong_one_is_told(tmp_path: Path) -> None:
    assert read_config(CONFIG_FILE).scenes > 50
    wrong = tmp_path / "wrong.toml"
    wrong.write_text("seed = 1\nscenes = 100\nrigde = 0.1\n")
    with pytest.raises(DetectionError, match="rigde"):
        read_config(wrong)


def test_the_same_seed_draws_the_same_scene() -> None:
    assert draw_scene(7, BagConfig()) == draw_scene(7, BagConfig())
    assert draw_scene(7, BagConfig()) != draw_scene(8, BagConfig())


def test_mask_errors_leave_the_exact_map_alone_and_repeat_with_their_seed() -> None:
    exact = np.zeros((90, 160), np.uint8)
    exact[30:60, 40:50] = 1
    exact[70:85, 90:130] = 3
    before = exact.copy()
    ids, boxes = np.array([1]), np.array([[40, 30, 50, 60]], np.float32)
    runs = []
    for _ in range(2):
        errors = MaskErrors(np.random.default_rng(3), exact.shape)
        runs.append(np.stack([errors.apply(exact, ids, boxes, 0.08) for _ in range(30)]))
    assert (runs[0] == runs[1]).all()
    assert (exact == before).all()
    assert (runs[0] != exact).any()


def test_a_head_finds_what_tells_events_apart_and_never_calls_more_of_it_less_unusual() -> None:
    chance = np.random.default_rng(1)
    inputs = chance.normal(size=(600, 4)).astype(np.float32)
    is_event = inputs[:, 2] - 0.8 * inputs[:, 1] + 0.3 * chance.normal(size=600) > 0.8
    deviations, _, _ = standardise(inputs)
    answer = fit_rising(deviations, is_event, balanced_weight(is_event, np.arange(600) % 20), 0.01)
    assert int(answer[:-1].argmax()) == 2
    assert answer[1] == 0.0
    assert (answer[:-1] >= 0.0).all()


def test_heads_look_at_nothing_that_is_not_measured() -> None:
    measured = {name.rpartition(".")[0] for name in Pool.NAMES}
    assert all(set(names) <= measured for names in HEAD_FEATURES.values())


def test_calibration_rises_and_is_never_certain() -> None:
    chance = np.random.default_rng(2)
    scores = chance.uniform(size=400)
    steps = fit_isotonic(scores, chance.uniform(size=400) < scores)
    assert (np.diff(steps[:, 0]) > 0).all()
    assert (np.diff(steps[:, 1]) >= 0).all()
    assert 0.0 < steps[:, 1].min() < 0.2
    assert 0.8 < steps[:, 1].max() < 1.0
