from pathlib import Path

import numpy as np
import pytest
import torch

from inference.training.masking.data import DataError
from inference.training.masking.export import export_f32
from inference.training.masking.loss import masking_loss
from inference.training.masking.network import MaskingNetwork, load_imagenet_encoder
from inference.training.masking.train import read_config, train
from tests.inference.training.test_masking_data import folder_of

Parts = tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]


def parts() -> Parts:
    share = torch.zeros(1, 3, 16, 16)
    share[0, 0, 4:8, 4:8] = 1
    zones = torch.zeros(1, 16, 16, dtype=torch.uint8)
    zones[0, 2:10, 2:10] = 1
    return torch.full((1, 3, 16, 16), -4.0), share, torch.ones(1, 3, 16, 16, dtype=torch.bool), zones


def test_covering_the_person_costs_less_than_missing_them() -> None:
    logits, share, is_known, zones = parts()
    missed = masking_loss(logits, share, is_known, zones)
    covered = masking_loss(logits + 8 * share, share, is_known, zones)
    assert covered < 0.3 * missed


def test_missing_a_person_costs_more_than_covering_as_much_too_much() -> None:
    logits, share, is_known, zones = parts()
    right = logits + 8 * share
    half, fat = right.clone(), right.clone()
    half[0, 0, 4:6, 4:8] = -4
    fat[0, 0, 8:10, 4:8] = 4
    assert masking_loss(half, share, is_known, zones) > masking_loss(fat, share, is_known, zones)


def test_unknown_cells_cost_nothing() -> None:
    logits, share, is_known, zones = parts()
    is_known[:, 1] = False
    wild = logits.clone()
    wild[:, 1] = 9
    assert masking_loss(logits, share, is_known, zones) == masking_loss(wild, share, is_known, zones)


def test_a_picture_without_people_is_punished_only_for_false_ones() -> None:
    logits, share, is_known, zones = parts()
    share, zones = torch.zeros_like(share), torch.zeros_like(zones)
    assert masking_loss(logits, share, is_known, zones) < 0.3
    assert torch.isfinite(masking_loss(logits, share, is_known, zones))


def test_the_network_starts_from_published_weights_and_answers_at_a_quarter() -> None:
    network = MaskingNetwork().eval()
    before = network.encoder.state_dict()["_conv_stem.weight"].clone()
    load_imagenet_encoder(network)
    assert not torch.equal(before, network.encoder.state_dict()["_conv_stem.weight"])
    with torch.no_grad():
        assert tuple(network(torch.zeros(2, 3, 64, 96)).shape) == (2, 3, 16, 24)


def test_frozen_blocks_do_not_learn() -> None:
    network = MaskingNetwork()
    network.encoder.freeze(3)
    frozen = [name for name, parameter in network.encoder.named_parameters() if not parameter.requires_grad]
    assert {name.split(".")[0] for name in frozen} == {"_conv_stem", "_bn0", "_blocks"}
    assert not any(name.startswith("_blocks.3.") for name in frozen)


def config_of(folder: Path, minutes: float = 0.02) -> Path:
    path = folder / "tiny.toml"
    path.write_text(
        f"""root = "."
[run]
minutes = {minutes}
batch = 2
crop_px = 64
late_crop_px = 64
workers = 1
[[data]]
path = "sim"
cut_outs = true
[val]
path = "sim"
"""
    )
    return path


def test_a_short_training_leaves_weights_that_export_and_run(tmp_path: Path) -> None:
    onnxruntime = pytest.importorskip("onnxruntime")
    folder_of(tmp_path / "sim")
    best = train(config_of(tmp_path), tmp_path / "out")
    assert best.is_file()
    assert (tmp_path / "out" / "log.jsonl").read_text().strip()
    export_f32(best, tmp_path / "net.onnx")
    session = onnxruntime.InferenceSession(str(tmp_path / "net.onnx"), providers=["CPUExecutionProvider"])
    image = np.random.default_rng(0).integers(0, 256, (2, 64, 96, 3), dtype=np.uint8)
    maps = session.run(["maps"], {"image": image})[0]
    assert maps.shape == (2, 3, 16, 24)
    network = MaskingNetwork().eval()
    network.load_state_dict(torch.load(best, weights_only=True))
    with torch.no_grad():
        expected = network(torch.from_numpy(image.transpose(0, 3, 1, 2)).float()).sigmoid().numpy()
    np.testing.assert_allclose(maps, expected, atol=1e-3)


def test_an_unknown_setting_is_told_by_name(tmp_path: Path) -> None:
    folder_of(tmp_path / "sim")
    path = config_of(tmp_path)
    path.write_text(path.read_text().replace("batch = 2", "bach = 2"))
    with pytest.raises(DataError, match="bach"):
        read_config(path)
