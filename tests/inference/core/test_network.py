from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from inference.core.errors import MaskingError, WeightsError
from inference.core.frames import Image, RawFrame
from inference.core.masking import network as network_module
from inference.core.masking.network import NetworkConfig, SegmentationNetwork, shared_network
from inference.core.masking.paca_seg import PacaSegMasker
from inference.core.masking.paca_seg_config import PacaSegConfig
from inference.core.masking.stage import MaskingStage


def picture(height: int, width: int, seed: int = 0) -> Image:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


@pytest.fixture(scope="module")
def network() -> SegmentationNetwork:
    return shared_network(NetworkConfig())


@pytest.mark.parametrize(
    ("height", "width"), [(1, 1), (1, 700), (701, 1), (35, 53), (360, 640), (480, 640), (1080, 1920), (640, 360)]
)
def test_maps_cover_the_whole_picture_whatever_its_size(network: SegmentationNetwork, height: int, width: int) -> None:
    maps = network.probabilities(picture(height, width))
    assert maps.dtype == np.float32
    assert maps.shape[0] == len(network.labels) == 3
    assert maps.min() >= 0
    assert maps.max() <= 1
    if min(height, width) > 30:
        assert maps.shape[2] / maps.shape[1] == pytest.approx(width / height, rel=0.05)


def test_a_portrait_picture_gets_as_many_pixels_as_a_landscape_one(network: SegmentationNetwork) -> None:
    wide, tall = network.probabilities(picture(360, 640)), network.probabilities(picture(576, 384))
    assert tall[0].size == pytest.approx(wide[0].size, rel=0.05)


def test_both_backends_agree() -> None:
    image = picture(120, 200)
    by_openvino = SegmentationNetwork(NetworkConfig(precision="f32")).probabilities(image)
    by_onnx = SegmentationNetwork(NetworkConfig(precision="f32", backend="onnx")).probabilities(image)
    assert np.abs(by_openvino - by_onnx).max() < 1e-3


def test_many_threads_get_the_same_answers_as_one(network: SegmentationNetwork) -> None:
    images = [picture(90, 160, seed) for seed in range(4)] + [picture(160, 90, seed) for seed in range(4)]
    alone = [network.probabilities(image) for image in images]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(network.probabilities, images * 3))
    for index, maps in enumerate(together):
        np.testing.assert_array_equal(maps, alone[index % len(images)])


def test_an_answer_is_not_changed_by_the_next_call(network: SegmentationNetwork) -> None:
    first = network.probabilities(picture(90, 160, 1))
    kept = first.copy()
    network.probabilities(picture(90, 160, 2))
    np.testing.assert_array_equal(first, kept)


def test_few_shapes_stay_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network_module, "SHAPES_KEPT", 2)
    network = SegmentationNetwork(NetworkConfig())
    first = network.probabilities(picture(64, 64))
    for width in (160, 320):
        network.probabilities(picture(64, width))
    np.testing.assert_array_equal(network.probabilities(picture(64, 64)), first)
    assert len(network._run._shapes) == 2  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "answer",
    [
        np.full((1, 3, 96, 160), np.nan, np.float32),
        np.full((1, 3, 96, 160), np.inf, np.float32),
        np.zeros((1, 2, 96, 160), np.float32),
        np.zeros((3, 96, 160), np.float32),
    ],
)
def test_an_impossible_answer_is_an_error(monkeypatch: pytest.MonkeyPatch, answer: np.ndarray) -> None:
    network = SegmentationNetwork(NetworkConfig())
    monkeypatch.setattr(network, "_run", lambda batch: answer)
    with pytest.raises(MaskingError):
        network.probabilities(picture(360, 640))


def test_a_picture_of_another_kind_is_refused(network: SegmentationNetwork) -> None:
    kinds: list[Any] = [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 3), np.float32), np.zeros((0, 4, 3), np.uint8)]
    for wrong in kinds:
        with pytest.raises(ValueError, match="image"):
            network.probabilities(wrong)


def test_one_network_is_shared_and_each_setting_has_its_fingerprint() -> None:
    assert shared_network(NetworkConfig()) is shared_network(NetworkConfig())
    prints = {shared_network(config).fingerprint for config in (NetworkConfig(), NetworkConfig(size="m"))}
    assert len(prints) == 2


@pytest.mark.parametrize("wrong", [{"size": "l"}, {"backend": "cuda"}, {"precision": "int4"}, {"threads": 0}])
def test_settings_that_do_not_exist_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(WeightsError, match="must be"):
        NetworkConfig(**wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("height", [540, 538, 1080])
def test_size_m_answers_for_the_last_row_and_not_for_what_pads_it(monkeypatch: pytest.MonkeyPatch, height: int) -> None:
    """540 rows are no multiple of the stride: the network is given 544, and four of them are nobody's."""
    network = SegmentationNetwork(NetworkConfig(size="m"))
    given: list[Image] = []

    def run(batch: Image) -> Any:
        given.append(batch[0])
        maps = np.zeros((1, 3, batch.shape[1] // 4, batch.shape[2] // 4), np.float32)
        maps[:, 0, 134] = 1.0  # the last whole row of cells: rows 536 to 539
        return maps

    monkeypatch.setattr(network, "_run", run)
    image = picture(height, 16 * height // 9)
    maps = network.probabilities(image)
    assert given[0].shape == (544, 960, 3)
    assert (given[0][540:] == network_module.PAD_GREY).all()
    assert not (given[0][536:540] == network_module.PAD_GREY).all()
    assert maps.shape == (3, 135, 240)
    config = PacaSegConfig(size="m", look_ahead_s=0.0)
    with MaskingStage(PacaSegMasker(config, network)) as stage:
        frame = RawFrame(index=0, pts_s=0.0, captured_at=datetime.now(UTC), image=image)
        masked = [*stage.push(frame), *stage.flush()][0]
    assert not masked.withheld
    assert (masked.image[-1] == config.colour).all()
    assert (masked.image[0] == image[0]).all()
