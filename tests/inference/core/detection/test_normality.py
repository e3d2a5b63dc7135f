"""What is normal at one camera: learnt from silhouettes, kept as numbers, one-sided, never from too little."""

import json

import numpy as np
import pytest

from inference.core.detection.bodies import BODY_NAMES, SLOW
from inference.core.detection.model import load_model
from inference.core.detection.normality import (
    Moments,
    Normality,
    NormalityWatch,
    learn_normality,
    read_normality,
)
from inference.core.detection.scorer import Scorer
from inference.core.errors import DetectionError
from tests.inference.core.detection.scenes import figure, walking


def body(foot: float, height: float = 0.2, speed: float = 0.8, vehicle: float = 0.0) -> list[float]:
    return [0.5, foot, np.log(height), np.log(0.4 * height), np.log(SLOW + speed), vehicle]


def a_street(seconds: float = 120.0, seed: int = 4) -> Moments:
    """A few people in each moment; who is lower in the picture is nearer and larger."""
    chance = np.random.default_rng(seed)
    moments = []
    for step in range(round(seconds * 5)):
        rows = []
        for _ in range(4):
            foot = chance.uniform(0.3, 0.9)
            rows.append(body(foot, 0.3 * foot * np.exp(chance.normal(0, 0.05)), max(0.0, chance.normal(0.8, 0.15))))
        moments.append((step / 5, np.array(rows, np.float32)))
    return moments


STREET = learn_normality([a_street()])


def settled(*rows: list[float]) -> float:
    watch = NormalityWatch(STREET)
    return [watch.update(step / 5, np.array(rows, np.float32).reshape(-1, 6)) for step in range(12)][-1]


def test_a_walker_is_usual_and_who_is_much_faster_taller_or_a_vehicle_is_not() -> None:
    assert settled(body(0.6, 0.18)) < 0.5
    assert settled(body(0.6, 0.18, speed=2.5)) > 0.75
    assert settled(body(0.6, 0.36)) > 0.75
    assert settled(body(0.6, 0.18, vehicle=1.0)) > 0.75


def test_only_more_is_unusual() -> None:
    assert settled() == 0.0
    assert settled(body(0.6, 0.18, speed=0.0)) < 0.5
    assert settled(body(0.6, 0.09)) < 0.5


def test_what_is_large_depends_on_where_it_stands() -> None:
    assert settled(body(0.85, 0.26)) < 0.5 < settled(body(0.35, 0.26))


def test_one_moment_of_flicker_counts_less_than_what_lasts() -> None:
    watch = NormalityWatch(STREET)
    calm, strange = (np.array([row], np.float32) for row in (body(0.6, 0.18), body(0.6, 0.18, speed=2.5)))
    scores = [watch.update(step / 5, strange if step == 10 else calm) for step in range(12)]
    assert max(scores) < settled(body(0.6, 0.18, speed=2.5))
    watch.reset()
    assert watch.update(99.0, calm) < 0.5


def test_about_a_twentieth_of_ordinary_moments_is_above_one_half() -> None:
    assert 0.01 < float((STREET.scores(a_street(120.0, seed=9)) > 0.5).mean()) < 0.12


def test_what_was_learnt_is_plain_numbers_and_reads_back_the_same() -> None:
    plain = json.loads(json.dumps(STREET.plain()))
    again = read_normality(plain)
    assert again.scores(a_street(10.0)) == pytest.approx(STREET.scores(a_street(10.0)), abs=1e-3)
    assert again.seconds == STREET.seconds > 100.0
    with pytest.raises(DetectionError, match="other numbers"):
        read_normality({**plain, "bodies": ["mood"]})
    with pytest.raises(DetectionError, match="usual"):
        read_normality({key: value for key, value in plain.items() if key != "usual"})


def test_too_little_footage_is_refused_with_what_is_needed() -> None:
    with pytest.raises(DetectionError, match=r"at least 100 moments, 200 silhouettes .* got 50, 200 and 1"):
        learn_normality([a_street(10.0)])
    with pytest.raises(DetectionError, match="finite"):
        Normality(np.full((9, 6), np.nan, np.float32), 1.0, 1.0)


def test_a_judgement_describes_every_person_and_vehicle_in_the_picture() -> None:
    scorer, judged = Scorer(load_model()), None
    for step in range(20):
        grid = walking(step * 0.08)
        figure(grid, 120, 20, 16, 30, value=3)
        judged = scorer.update(grid, step * 0.08, 0)
    assert judged is not None
    assert judged.bodies.shape[1] == len(BODY_NAMES)
    assert judged.bodies[:, BODY_NAMES.index("vehicle")].tolist().count(1.0) == 1
    assert np.exp(judged.bodies[0, BODY_NAMES.index("height")]) == pytest.approx(20 / 90, abs=0.05)
