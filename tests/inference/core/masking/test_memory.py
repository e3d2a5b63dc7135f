"""What was seen of somebody a moment ago stays covered, and growing never uncovers."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.core.frames import PERSON
from inference.core.masking.cover import GROWTH_STEPS, MAX_GROWTH, Cover, Stamp, grow, to_pixels
from inference.core.masking.memory import RECENT_EVERY_S, RECENT_S, WHOLE_S, ShapeMemory
from inference.core.masking.paca_seg import PacaSegConfig, PacaSegMasker
from inference.core.masking.segments import segment
from tests.inference.core.masking.scene import PatternNetwork, leaks, raw, run

SHAPES = st.tuples(st.integers(1, 40), st.integers(1, 50))


class HalfBlind(PatternNetwork):
    """Sees nobody below row `below` of its map, in the calls `calls_half`."""

    def __init__(self, calls_half: range, below: int) -> None:
        super().__init__()
        self._half, self._below = calls_half, below

    def probabilities(self, image: np.ndarray) -> np.ndarray:
        maps = super().probabilities(image)
        if self.calls - 1 in self._half:
            maps[:, self._below :] = 0
        return maps


def stamp(width: int, height: int) -> Stamp:
    return Stamp(np.ones((height, width), np.uint8), 10, 10, float(min(width, height)))


def shapes(memory: ShapeMemory, now: Stamp, at_s: float) -> list[int]:
    return [one.stamp.area for one in memory.before(now, at_s)]


def dots(shape: tuple[int, int], seed: int) -> np.ndarray:
    return (np.random.default_rng(seed).random(shape) < 0.04).astype(np.uint8)


@pytest.mark.parametrize("missing", [range(10, 12), range(10, 20)])
def test_a_walker_whose_legs_are_missed_stays_covered_whole(missing: range) -> None:
    frames = [raw([(20 + 2 * i, 40, 36 + 2 * i, 80)], i) for i in range(30)]
    shown = run(PacaSegMasker(PacaSegConfig(look_ahead_s=0.0), HalfBlind(missing, below=14)), frames)
    assert leaks(shown) == 0
    assert not any(frame.tracks.is_held.any() for frame in shown)


def test_without_hold_the_legs_would_be_seen() -> None:
    frames = [raw([(20 + 2 * i, 40, 36 + 2 * i, 80)], i) for i in range(20)]
    config = PacaSegConfig(look_ahead_s=0.0, hold_s=0.0)
    assert leaks(run(PacaSegMasker(config, HalfBlind(range(10, 14), below=14)), frames)) > 0


def test_shapes_of_the_last_moments_are_remembered_and_older_ones_are_not() -> None:
    memory = ShapeMemory()
    for step in range(20):
        memory.see(stamp(5, 10), step * 0.04)
    kept = list(memory.before(stamp(5, 10), 0.8))
    assert kept
    assert all(0.8 - one.at_s <= RECENT_S + 1e-6 for one in kept)
    assert len(kept) <= round(RECENT_S / RECENT_EVERY_S) + 1
    assert list(memory.before(stamp(5, 10), 9.0)) == []


def test_a_whole_shape_stands_in_for_a_part_until_it_is_too_old() -> None:
    memory = ShapeMemory()
    memory.see(stamp(5, 10), 0.0)
    for step in range(1, 20):
        memory.see(stamp(5, 4), step * 0.2)
        is_young = step * 0.2 <= WHOLE_S
        assert (50 in shapes(memory, stamp(5, 4), step * 0.2)) == is_young


def test_two_people_in_one_shape_are_not_the_whole_of_one() -> None:
    memory = ShapeMemory()
    memory.see(stamp(5, 10), 0.0)
    memory.see(stamp(10, 10), 0.1)
    memory.see(stamp(5, 10), 0.2)
    assert 100 not in shapes(memory, stamp(5, 10), 0.8)


@settings(max_examples=60, deadline=None)
@given(shape=SHAPES, seed=st.integers(0, 99), radius=st.integers(0, MAX_GROWTH))
def test_growing_never_uncovers_and_reaches_as_far_as_it_says(shape: tuple[int, int], seed: int, radius: int) -> None:
    cells = dots(shape, seed)
    before = cells.copy()
    grown = grow(cells, radius)
    assert (cells == before).all()
    assert grown.shape == shape
    assert (grown >= cells).all()
    rows, columns = np.nonzero(cells)
    y, x = np.mgrid[: shape[0], : shape[1]]
    for row, column in list(zip(rows, columns, strict=True))[:5]:
        assert grown[np.hypot(y - row, x - column) <= 0.95 * radius].all()
    assert set(np.unique(grown)) <= {0, 1}
    assert grown.any() == cells.any()


@settings(max_examples=60, deadline=None)
@given(
    shape=SHAPES,
    left=st.integers(-60, 60),
    top=st.integers(-60, 60),
    growth=st.floats(0, 60),
    size=st.tuples(st.integers(1, 300), st.integers(1, 300)),
)
def test_a_shape_put_down_anywhere_covers_its_pixels_through_the_last_row_and_column(
    shape: tuple[int, int], left: int, top: int, growth: float, size: tuple[int, int]
) -> None:
    cover = Cover(shape)
    cover.put(Stamp(np.ones((4, 2), np.uint8), left, top, 2.0), 0, 0, growth)
    cells = cover.cells()
    expected = np.zeros(shape, np.uint8)
    expected[max(0, top) : max(0, top + 4), max(0, left) : max(0, left + 2)] = 1
    assert (cells >= expected).all()
    height, width = size
    pixels = to_pixels(cells, height, width)
    rows, columns = np.nonzero(cells)
    assert pixels.shape == size
    for row, column in zip(rows, columns, strict=True):
        y, x = ((row + 0.5) * height / shape[0], (column + 0.5) * width / shape[1])
        assert pixels[min(height - 1, int(y)), min(width - 1, int(x))] == 255
    for at, end in ((pixels[-1], cells[-1]), (pixels[:, -1], cells[:, -1])):
        assert at.any() or not end.any()


@settings(max_examples=80, deadline=None)
@given(shape=SHAPES, seed=st.integers(0, 99), share=st.floats(0, 1))
def test_shapes_are_split_as_the_whole_map_would_be(shape: tuple[int, int], seed: int, share: float) -> None:
    generator = np.random.default_rng(seed)
    cells = np.zeros(shape, np.uint8)
    top, left = int(generator.integers(shape[0])), int(generator.integers(shape[1]))
    window = cells[top : top + int(generator.integers(1, 20)), left : left + int(generator.integers(1, 20))]
    window[:] = generator.random(window.shape) < share
    found = segment(cells, PERSON)
    count, labels = cv2.connectedComponents(cells, connectivity=8)
    assert ((found.labels > 0) == (cells > 0)).all()
    assert len(found.boxes) == count - 1
    depth = cv2.distanceTransform(cells, cv2.DIST_L2, 3)
    for index, (x1, y1, x2, y2) in enumerate(found.boxes.astype(int)):
        is_it = found.labels == index + 1
        assert (is_it == (labels == labels[is_it][0])).all(), "numbers may differ, shapes may not"
        rows, columns = np.nonzero(is_it)
        assert (x1, y1, x2, y2) == (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
        assert np.isclose(found.thickness[index], 2 * min(depth[is_it].max(), (x2 - x1) / 2, (y2 - y1) / 2))
        assert found.stamp(index).area == is_it.sum()


def test_growth_is_rounded_up_to_a_step_that_exists() -> None:
    assert list(GROWTH_STEPS) == sorted(set(GROWTH_STEPS))
    assert GROWTH_STEPS[0] == 0
    assert GROWTH_STEPS[-1] == MAX_GROWTH


def test_a_short_hold_shortens_the_memory_of_shapes_too() -> None:
    def covered(hold_s: float) -> int:
        config = PacaSegConfig(look_ahead_s=0.0, hold_s=hold_s)
        frames = [raw([(20 + 4 * i, 40, 36 + 4 * i, 80)], i) for i in range(12)]
        last = run(PacaSegMasker(config, PatternNetwork()), frames)[-1]
        return int((last.image == config.colour).all(axis=2).sum())

    assert covered(0.2) < covered(3.0)
