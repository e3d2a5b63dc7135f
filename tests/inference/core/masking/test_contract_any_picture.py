"""The contract for every registered masker: pictures as no decoder should give them, answers as no network should."""

import time
from collections.abc import Callable
from datetime import timedelta

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.core.errors import MaskingError
from inference.core.frames import Image, MaskedFrame, RawFrame
from inference.core.masking.paca_seg import PacaSegConfig
from inference.core.masking.registry import MASKERS
from inference.core.masking.stage import MaskingStage, StageConfig
from inference.core.masking.style import STYLES
from inference.core.masking.tracking import MAX_TRACKS
from tests.inference.core.masking.scene import START, FaultyNetwork, is_pattern, leaks, raw, run
from tests.inference.core.masking.test_contract import maker

PERSON = (slice(20, 300), slice(400, 500))
PATIENT = StageConfig(deadline_ms=20_000)


def scene(seed: int, height: int = 361, width: int = 643) -> Image:
    """Return a picture large enough to be compared with those before, with somebody in it and at the last row."""
    image = raw([], seed, size=(width, height)).image
    person = raw([(0, 0, width, height)], seed, size=(width, height)).image
    image[PERSON] = person[PERSON]
    image[-1, :30], image[-40:, -1] = person[-1, :30], person[-40:, -1]
    return image


def read_only(image: Image) -> Image:
    image = image.copy()
    image.setflags(write=False)
    return image


def inside_another(image: Image) -> Image:
    around = np.zeros((image.shape[0] + 7, image.shape[1] + 9, 3), np.uint8)
    around[3:-4, 5:-4] = image
    return around[3:-4, 5:-4]


def every_second_of_another(image: Image) -> Image:
    return np.repeat(np.repeat(image, 2, axis=0), 2, axis=1)[::2, ::2]


LAYOUTS: dict[str, Callable[[Image], Image]] = {
    "read only": read_only,
    "a window of a larger picture": inside_another,
    "every second pixel of a larger picture": every_second_of_another,
    "upside down": lambda image: image[::-1].copy()[::-1],
    "mirrored": lambda image: image[:, ::-1].copy()[:, ::-1],
    "with its colours turned round": lambda image: image[..., ::-1].copy()[..., ::-1],
    "by columns": np.asfortranarray,
    "planes": lambda image: np.ascontiguousarray(image.transpose(2, 0, 1)).transpose(1, 2, 0),
}


def shown_by(name: str, frames: list[RawFrame], **options: object) -> list[MaskedFrame]:
    with MaskingStage(maker(name)(**options), PATIENT) as stage:
        return [masked for frame in frames for masked in stage.push(frame)] + stage.flush()


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS.keys())
@pytest.mark.parametrize("name", sorted(MASKERS))
def test_a_picture_is_masked_however_it_lies_in_memory(name: str, layout: Callable[[Image], Image], style: str) -> None:
    images = [layout(scene(index)) for index in range(3)]
    before = [image.copy() for image in images]
    frames = [RawFrame(image, i, i / 10, START + timedelta(seconds=i / 10)) for i, image in enumerate(images)]
    shown = shown_by(name, frames, style=style)
    assert [frame.withheld for frame in shown] == [""] * 3
    for image, given_image, masked in zip(before, images, shown, strict=True):
        assert (image == given_image).all()
        same = (masked.image == image).all(axis=2)[is_pattern(image)]
        assert same.mean() < 0.02


def test_a_grey_picture_in_the_shape_of_a_coloured_one_is_masked() -> None:
    grey = np.random.default_rng(3).integers(0, 256, (361, 643, 1)).astype(np.uint8)
    everybody = FaultyNetwork(lambda image: np.ones((3, 91, 161), np.float32))
    for image in (np.broadcast_to(grey, (361, 643, 3)), np.repeat(grey, 3, axis=2)):
        frames = [RawFrame(image, index, index / 10, START) for index in range(3)]
        with MaskingStage(maker("paca-seg")(everybody), PATIENT) as stage:
            shown = [masked for frame in frames for masked in stage.push(frame)] + stage.flush()
        assert [frame.withheld for frame in shown] == [""] * 3
        assert all((frame.image == PacaSegConfig().colour).all() for frame in shown)


@settings(max_examples=25, deadline=None)
@given(
    boxes=st.lists(st.tuples(*[st.integers(-(10**6), 10**6)] * 2, *[st.integers(0, 2 * 10**6)] * 2), max_size=4),
    crowd=st.integers(0, 400),
    seed=st.integers(0, 99),
)
@pytest.mark.parametrize("name", sorted(MASKERS))
def test_boxes_of_any_size_and_crowds_of_hundreds_leave_no_pixel(
    name: str, boxes: list[tuple[int, ...]], crowd: int, seed: int
) -> None:
    corners = np.random.default_rng(seed).integers(-5, 165, (crowd, 2)).tolist()
    people = [(x, y, x + 3, y + 4) for x, y in corners]
    people += [(left, top, left + wide, top + high) for left, top, wide, high in boxes]
    assert leaks(run(maker(name)(), [raw(people, index) for index in range(3)])) == 0


def _answers() -> st.SearchStrategy[object]:
    """Whatever a network might say: other shapes, types and values, errors, and now and then the truth."""
    shapes = st.sampled_from([(3, 30, 40), (1, 30, 40), (4, 30, 40), (3, 0, 40), (3, 1, 1), (30, 40), (3, 7, 9), ()])
    types = st.sampled_from([np.float32, np.float64, np.uint8, np.int64, np.bool_, np.object_])
    values = st.sampled_from([0.0, 1.0, 0.5, -1.0, 2.0, float("nan"), float("inf"), -float("inf"), 1e30])

    def array(shape: tuple[int, ...], dtype: type, value: float) -> npt.NDArray[np.generic]:
        with np.errstate(invalid="ignore", over="ignore"):
            return np.full(shape, value).astype(dtype)

    arrays = st.builds(array, shapes, types, values)
    return st.one_of(arrays, st.none(), st.just("maps"), st.just([[0.0]]), st.just(RuntimeError), st.just(MaskingError))


@settings(max_examples=60, deadline=None)
@given(answers=st.lists(_answers(), min_size=1, max_size=8))
@pytest.mark.parametrize("name", sorted(MASKERS))
def test_whatever_a_network_says_every_frame_comes_out_and_none_is_raw(name: str, answers: list[object]) -> None:
    calls = iter([*answers, None, None])

    def answer(image: Image) -> object:
        said = next(calls)
        if said in (RuntimeError, MaskingError) and isinstance(said, type):
            raise said("no")
        is_map = isinstance(said, np.ndarray) and said.dtype == np.float32 and said.ndim == 3
        if is_map and bool(np.all((np.asarray(said) >= 0) & (np.asarray(said) <= 1))):
            return np.full_like(said, 0.9)  # what could be true is true here: lies within reason cannot be found out
        return said

    frames = [raw([(0, 0, 160, 120)], index) for index in range(len(answers) + 2)]
    with MaskingStage(maker(name)(FaultyNetwork(answer), look_ahead_s=0.3), PATIENT) as stage:
        shown = [masked for frame in frames for masked in stage.push(frame)] + stage.flush()
        assert stage.masked + stage.withheld == len(frames)
    assert [frame.index for frame in shown] == list(range(len(frames)))
    assert leaks(shown) == 0


@pytest.mark.parametrize("name", sorted(name for name, entry in MASKERS.items() if entry.uses_network))
def test_a_slow_network_shows_nobody(name: str) -> None:
    def slow(image: Image) -> object:
        time.sleep(0.15)
        return np.zeros((3, 30, 40), np.float32)

    with MaskingStage(maker(name)(FaultyNetwork(slow)), StageConfig(deadline_ms=30)) as stage:
        frames = [raw([(10, 10, 60, 110)], index) for index in range(5)]
        shown = [masked for frame in frames for masked in stage.push(frame)] + stage.flush()
        assert stage.withheld_by_reason.keys() <= {
            "masking down: the masker is too slow",
            "masking down: the masker is still busy with an earlier frame",
        }
    assert [frame.index for frame in shown] == list(range(5))
    assert leaks(shown) == 0


@pytest.mark.parametrize("name", sorted(MASKERS))
def test_more_people_than_can_be_followed_are_all_covered(name: str) -> None:
    people = [(x, y, x + 3, y + 3) for x in range(0, 400, 12) for y in range(0, 300, 12)]
    assert len(people) > MAX_TRACKS
    shown = run(maker(name)(), [raw(people, index, size=(400, 300)) for index in range(3)])
    assert [frame.withheld for frame in shown] == [""] * 3
    assert leaks(shown) == 0
