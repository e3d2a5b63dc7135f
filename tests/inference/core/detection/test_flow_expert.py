"""The second expert: how the flow of all silhouettes together is measured and judged."""

import numpy as np
import pytest

from inference.core.detection.flow_expert import FlowExpert, load_flow_expert
from inference.core.detection.flow_statistics import FLOW_NAMES, FlowStatistics
from inference.core.detection.mask_flow import MaskFlow
from inference.core.detection.silhouettes import Floats, Grid
from inference.core.errors import WeightsError
from inference.core.frames import PERSON
from inference.training.detection.short_clips import ClipPlan, render_clip


class Meter:
    """Class maps to statistics, as the scorer does it."""

    def __init__(self) -> None:
        self._flow, self._statistics = MaskFlow(), FlowStatistics()

    def update(self, class_map: Grid, time_s: float) -> Floats | None:
        return self._statistics.update(self._flow.update(class_map, time_s))


def last_statistics(plan: ClipPlan) -> dict[str, float]:
    meter = Meter()
    rows = [values for seen, time_s in render_clip(plan) if (values := meter.update(seen, time_s)) is not None]
    return dict(zip(FLOW_NAMES, np.mean(rows, axis=0).tolist(), strict=True))


def test_nothing_is_said_before_a_second_has_been_seen() -> None:
    meter = Meter()
    seen = np.zeros((90, 160), np.uint8)
    seen[30:60, 40:52] = PERSON
    times = np.arange(30) * 0.08
    answers = [meter.update(seen, float(time_s)) is not None for time_s in times]
    assert not any(answers[: int(0.9 / 0.08)])
    assert answers[-1]


def test_somebody_who_slides_through_at_any_speed_is_less_ragged_than_a_body_torn_both_ways() -> None:
    def run(is_torn: bool) -> dict[str, float]:
        meter, values = Meter(), None
        for step in range(25):
            seen = np.zeros((90, 160), np.uint8)
            shift = 2 * step if not is_torn else int(6 * np.sin(1.3 * step))
            seen[20:45, 50 + shift : 64 + shift] = PERSON
            seen[45:70, (50 - shift if is_torn else 50 + shift) : (64 - shift if is_torn else 64 + shift)] = PERSON
            values = meter.update(seen, 0.08 * step)
        assert values is not None
        return dict(zip(FLOW_NAMES, values.tolist(), strict=True))

    calm, torn = run(is_torn=False), run(is_torn=True)
    assert torn["ragged.mean"] > 1.3 * calm["ragged.mean"]
    assert torn["direction_spread.mean"] > calm["direction_spread.mean"]


def test_an_empty_picture_is_still_and_a_gap_is_no_movement() -> None:
    meter = Meter()
    answers = [meter.update(np.zeros((90, 160), np.uint8), 0.08 * step) for step in range(20)]
    assert answers[-1] is not None
    assert not answers[-1].any()
    assert meter.update(np.ones((90, 160), np.uint8), 9.0) is None


def test_brawls_give_the_shipped_expert_more_evidence_than_people_who_walk_talk_or_embrace() -> None:
    expert = load_flow_expert()

    def evidence(name: str, is_event: bool) -> float:
        total = []
        for seed in range(4):
            named = last_statistics(ClipPlan(50_000 + seed, name, is_event))
            total.append(expert.logit(np.array([named[key] for key in FLOW_NAMES], np.float32)))
        return float(np.mean(total))

    brawl = evidence("brawl", True)
    assert all(brawl > evidence(name, False) + 0.5 for name in ("walking", "talking", "embracing"))


def test_clips_are_the_same_for_the_same_seed() -> None:
    first, again = (list(render_clip(ClipPlan(7, "rush", True))) for _ in range(2))
    assert all(np.array_equal(a, b) and s == t for (a, s), (b, t) in zip(first, again, strict=True))


def test_numbers_of_another_shape_a_lowering_weight_or_an_unknown_statistic_are_refused() -> None:
    inputs, good = FLOW_NAMES[:3], np.ones(3, np.float32)
    with pytest.raises(WeightsError, match="finite"):
        FlowExpert(inputs, good[:-1], good, good)
    with pytest.raises(WeightsError, match="at least 0"):
        FlowExpert(inputs, good, good, -good)
    with pytest.raises(WeightsError, match=r"mood\.mean, which is not measured"):
        FlowExpert((*FLOW_NAMES[:2], "mood.mean"), good, good, good)


def test_people_who_pass_each_other_apart_are_less_opposed_than_people_within_reach() -> None:
    def opposed(apart: int) -> float:
        meter, values = Meter(), None
        for step in range(25):
            seen = np.zeros((90, 160), np.uint8)
            shift = int(12 * np.sin(0.5 * step))
            for side in (-1, 1):
                x = 76 + side * (apart + shift)
                seen[30:60, x : x + 8] = PERSON
            values = meter.update(seen, 0.08 * step)
        assert values is not None
        return float(values[FLOW_NAMES.index("opposed.mean")])

    assert opposed(14) > 1.5 * opposed(44)
