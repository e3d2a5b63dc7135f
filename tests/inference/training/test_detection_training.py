import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from inference.core.detection.flow_expert import FlowExpert, load_flow_expert
from inference.core.detection.flow_statistics import FLOW_NAMES
from inference.core.detection.model import Model, load_model
from inference.core.detection.pooling import Pool
from inference.core.errors import DetectionError, WeightsError
from inference.core.weights import load_manifest
from inference.training.detection.behaviours import ORDINARY
from inference.training.detection.collecting import DataConfig, collect, data_sha256
from inference.training.detection.corrupt import MaskErrors
from inference.training.detection.fit import balanced_weight, fit_isotonic, fit_rising, standardise
from inference.training.detection.fusing import FLOW_INPUTS, FitConfig, fit_model
from inference.training.detection.heads import HEAD_FEATURES, HEADS
from inference.training.detection.ordinary import SuiteConfig, above_bound, measure_ordinary
from inference.training.detection.train import Made, TrainConfig, main, read_config, save
from inference.training.detection.views import BagConfig, draw_scene
from inference.training.detection.windows import NORMAL, UNCLEAR, Windows

CONFIG_FILE = Path(__file__).parents[3] / "inference" / "training" / "detection" / "paca-detect.toml"
INPUT_OF = [Pool.NAMES.index(f"{name}.mean") for name in ("pair_energy", "fast_share", "lying")]


def made_up_windows(scenes: int = 40) -> Windows:
    """Windows in which head k raises one of its inputs, and the first all statistics of the flow as well."""
    chance = np.random.default_rng(5)
    rows = []
    for bag in range(scenes):
        for step in range(24):
            label = NORMAL if step < 12 else UNCLEAR if step == 12 else bag % len(HEADS)
            values, flow = chance.normal(size=len(Pool.NAMES)), chance.normal(size=len(FLOW_NAMES))
            if label >= 0:
                values[INPUT_OF[label]] += 3.0
            rows.append((values, flow + 2.0 * (label == 0), label, bag, bag, 0.4 * step))
    return Windows(
        inputs=np.array([row[0] for row in rows], np.float32),
        flow=np.array([row[1] for row in rows], np.float32),
        fast=np.full(len(rows), 5.0, np.float32),
        labels=np.array([row[2] for row in rows], np.int64),
        bags=np.array([row[3] for row in rows], np.int64),
        views=np.array([row[4] for row in rows], np.int64),
        times=np.array([row[5] for row in rows], np.float32),
        ages=np.full(len(rows), 9.0, np.float32),
    )


def train_on_made_up(out: Path) -> tuple[Model, FlowExpert, Made]:
    made = Made(*fit_model(made_up_windows(), FitConfig()), commit="abc", data_sha256="def")
    save(made, TrainConfig(DataConfig(seed=0, scenes=40, clips=1)), CONFIG_FILE, out)
    return load_model(out), load_flow_expert(out), made


def test_both_experts_are_saved_with_their_origin_and_read_by_the_detector(tmp_path: Path) -> None:
    model, flow, made = train_on_made_up(tmp_path)
    assert made.metrics["auc"] > 0.9
    for head in range(len(HEADS)):
        pooled = np.zeros(len(Pool.NAMES), np.float32)
        pooled[INPUT_OF[head]] = 3.0
        assert int(model.scores(pooled).argmax()) == head
    assert flow.inputs == FLOW_INPUTS
    assert flow.logit(np.full(len(FLOW_NAMES), 3.0, np.float32)) > flow.logit(np.zeros(len(FLOW_NAMES), np.float32))
    assert model.confidence(0.95) > model.confidence(0.05)
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert {"licence", "source", "data", "command", "seed", "commit", "config_sha256"} <= manifest.keys()
    assert (manifest["commit"], manifest["data_sha256"]) == ("abc", "def")
    assert set(manifest["files"]) == {"numbers", "flow"}


def test_scale_threshold_and_calibration_stand_on_what_both_experts_say_together() -> None:
    windows, config = made_up_windows(), FitConfig(normal_alarm_share=0.1)
    blind = Windows(windows.inputs, np.full_like(windows.flow, np.nan), *_rest(windows))
    with pytest.raises(DetectionError, match="flow"):
        fit_model(blind, config)
    _, flow, joined = fit_model(windows, config)
    assert joined["window_auc_agitation_joined"] > joined["window_auc_flow_expert"]
    louder = Windows(windows.inputs, 1.0 + 0.1 * windows.flow, *_rest(windows))
    numbers, again, metrics = fit_model(louder, config)
    assert metrics == joined  # a statistic may have any unit
    assert again["mean"] != flow["mean"]
    assert 0.5 < numbers["threshold"] < 1.0


def _rest(windows: Windows) -> tuple[np.ndarray, ...]:
    return windows.fast, windows.labels, windows.bags, windows.views, windows.times, windows.ages


def test_weights_that_do_not_match_their_manifest_are_refused(tmp_path: Path) -> None:
    train_on_made_up(tmp_path)
    for name, load in (("weights.json", load_model), ("flow.json", load_flow_expert)):
        path = tmp_path / name
        path.write_text(path.read_text().replace("0.", "1.", 1))
        with pytest.raises(WeightsError, match="SHA-256"):
            load(tmp_path)


def test_training_that_was_stopped_goes_on_with_what_it_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bag = BagConfig(duration_s=16.0, views=1, width=160, height=90)
    first = collect(DataConfig(seed=3, scenes=1, clips=2, bag=bag), tmp_path)
    monkeypatch.setattr("inference.training.detection.collecting.collect_scene", None)  # would fail if it were asked
    again = collect(DataConfig(seed=3, scenes=1, clips=2, bag=bag), tmp_path)
    assert len(first.labels) > 5
    assert np.array_equal(first.inputs, again.inputs)
    assert np.array_equal(first.flow, again.flow, equal_nan=True)


def test_the_hash_of_the_data_follows_what_is_simulated_and_not_how_fast() -> None:
    known = data_sha256(DataConfig(seed=1, scenes=8, clips=8))
    assert known == data_sha256(DataConfig(seed=1, scenes=8, clips=8, workers=4))
    assert known != data_sha256(DataConfig(seed=2, scenes=8, clips=8))
    assert known != data_sha256(DataConfig(seed=1, scenes=8, clips=8, bag=BagConfig(duration_s=17.0)))


def test_ordinary_behaviour_above_its_bound_is_told_by_name() -> None:
    assert above_bound({"walking": 0.0, "dancing": 0.2}, 0.12) == {"dancing": 0.2}
    shares = measure_ordinary(SuiteConfig(clips=1, duration_s=4.0))
    assert set(shares) == set(ORDINARY)
    assert sum(shares.values()) <= 3.0


def test_missing_weights_are_told_by_name(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="manifest"):
        load_model(tmp_path)


def test_training_without_any_event_of_a_kind_is_refused() -> None:
    windows = made_up_windows()
    labels = np.where(windows.labels == 2, NORMAL, windows.labels)
    with pytest.raises(DetectionError, match="fall"):
        fit_model(replace(windows, labels=labels), FitConfig())


def test_training_never_overwrites_weights(tmp_path: Path) -> None:
    (tmp_path / "weights.json").write_text("{}")
    with pytest.raises(DetectionError, match="never overwritten"):
        main(CONFIG_FILE, tmp_path)


def test_the_shipped_configuration_can_be_read_and_a_wrong_one_is_told(tmp_path: Path) -> None:
    settings = read_config(CONFIG_FILE)
    assert settings.data.scenes >= 2 * settings.fit.parts
    assert data_sha256(settings.data) == load_manifest("paca-detect").content["data_sha256"], "train anew: code moved"
    wrong = tmp_path / "wrong.toml"
    wrong.write_text("[data]\nseed = 1\nscenes = 100\nclips = 10\n[fit]\nrigde = 0.1\n")
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
