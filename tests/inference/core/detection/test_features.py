import numpy as np
import pytest

from inference.core.detection.features import FEATURE_NAMES, FeatureStream, Moment
from inference.core.detection.pooling import POOL_S, Pool
from inference.core.detection.silhouettes import Follower, find_blobs, to_grid
from tests.inference.core.detection.scenes import Draw, brawling, empty, falling, figure, walking


def moments(draw: Draw, duration_s: float, fps: float) -> list[Moment]:
    stream = FeatureStream()
    found = [stream.update(draw(index / fps), index / fps) for index in range(round(duration_s * fps))]
    return [moment for moment in found if moment is not None]


def typical(draw: Draw, name: str, fps: float = 12.5, duration_s: float = 3.0) -> float:
    return float(np.median([moment.named()[name] for moment in moments(draw, duration_s, fps)]))


@pytest.mark.parametrize("fps", [5.0, 8.0, 12.5])
def test_a_walking_speed_is_the_same_at_every_frame_rate(fps: float) -> None:
    assert typical(walking, "speed_top", fps) == pytest.approx(0.5, abs=0.12)


def test_speeds_are_measured_in_body_heights_whatever_the_distance() -> None:
    def near(time_s: float) -> np.ndarray:
        grid = empty(time_s)
        figure(grid, 30 + 24 * time_s, 45, 48, 16)
        return grid

    def far(time_s: float) -> np.ndarray:
        grid = empty(time_s)
        figure(grid, 30 + 8 * time_s, 45, 16, 6)
        return grid

    assert typical(near, "speed_top") == pytest.approx(typical(far, "speed_top"), rel=0.2)


@pytest.mark.parametrize("name", ["pair_energy", "limb_in_place", "limb_share", "change_top"])
def test_a_brawl_has_more_limb_movement_than_walking(name: str) -> None:
    assert typical(brawling, name) > 2 * typical(walking, name)


def test_a_person_who_was_upright_and_lies_is_down() -> None:
    last = moments(falling, 8.0, 12.5)[-1].named()
    assert last["down_s"] > 1.5
    assert last["lying"] > 0.5


def test_walkers_are_not_down() -> None:
    assert moments(walking, 6.0, 12.5)[-1].named()["down_s"] == 0.0


def test_an_empty_picture_measures_nothing_and_every_value_is_finite() -> None:
    for draw in (empty, brawling):
        for moment in moments(draw, 2.0, 5.0):
            assert np.isfinite(moment.values).all()
    assert np.abs(moments(empty, 2.0, 5.0)[-1].values).sum() == 0.0


def test_a_gap_in_time_measures_no_motion() -> None:
    stream = FeatureStream()
    assert stream.update(walking(0.0), 0.0) is None
    assert stream.update(walking(5.0), 5.0) is None
    assert stream.update(walking(5.2), 5.2) is not None


def test_a_silhouette_keeps_its_trail_through_a_short_flicker() -> None:
    follower = Follower()
    trails = []
    for index in range(20):
        grid = empty(0.0)
        if index not in (9, 10):
            figure(grid, 40 + index, 40, 24, 8)
        trails += follower.follow(find_blobs(grid), index * 0.08)
    assert all(trail is trails[0] for trail in trails)


def test_a_large_class_map_is_brought_to_the_working_grid() -> None:
    class_map = np.zeros((360, 640), np.uint8)
    class_map[100:200, 300:340] = 1
    grid = to_grid(class_map, 1)
    assert grid.shape == (90, 160)
    assert grid.sum() == 25 * 10


def test_the_pool_forgets_after_its_time() -> None:
    pool = Pool()
    found = moments(brawling, 2.0, 12.5)
    for moment in found:
        pool.update(moment)
    late = moments(empty, 2.0, 12.5)[-1]
    shifted = Moment(
        found[-1].time_s + POOL_S + 1.0,
        late.values,
        late.blobs,
        late.grid_shape,
        late.speeds,
        late.limbs,
        late.lying,
        late.down_s,
    )
    assert np.abs(pool.update(shifted)).sum() == 0.0
    assert len(Pool.NAMES) == 2 * len(FEATURE_NAMES)
