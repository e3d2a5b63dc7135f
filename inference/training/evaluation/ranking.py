"""How well scores separate events from ordinary life: area under the curve, precision, recall at a false rate."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Groups = npt.NDArray[np.int64]


def area_under_curve(scores: Floats, is_event: Flags) -> float:
    """Give the chance that an event scores above ordinary life, ties counting half; NaN if either is missing."""
    events, others = int(is_event.sum()), int((~is_event).sum())
    if not events or not others:
        return float("nan")
    _, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    ranks = (last - (counts - 1) / 2.0)[inverse]
    return float((ranks[is_event].sum() - events * (events + 1) / 2.0) / (events * others))


def average_precision(scores: Floats, is_event: Flags) -> float:
    """Give the mean of precision over recall, tied scores taken together; NaN without events."""
    if not is_event.any():
        return float("nan")
    values, inverse = np.unique(-scores, return_inverse=True)
    hits = np.bincount(inverse, is_event, len(values))
    taken = np.cumsum(np.bincount(inverse, minlength=len(values)))
    found = np.cumsum(hits)
    return float((found / taken * hits).sum() / is_event.sum())


def recall_at_false_rate(scores: Floats, is_event: Flags, rate: float) -> float:
    """Give the share of events above the threshold that at most `rate` of ordinary moments reach."""
    if not is_event.any() or is_event.all():
        return float("nan")
    others = np.sort(scores[~is_event])[::-1]
    threshold = others[min(len(others) - 1, int(rate * len(others)))]
    return float((scores[is_event] > threshold).mean())


def interval_by_group(
    scores: Floats, is_event: Flags, groups: Groups, draws: int = 1000, seed: int = 0
) -> tuple[float, float]:
    """Give the 95 % bootstrap interval of the area under the curve, drawing whole groups (Efron, 1979)."""
    chance = np.random.default_rng(seed)
    rows = [np.flatnonzero(groups == group) for group in np.unique(groups)]
    areas = []
    for _ in range(draws):
        drawn = np.concatenate([rows[index] for index in chance.integers(len(rows), size=len(rows))])
        area = area_under_curve(scores[drawn], is_event[drawn])
        if np.isfinite(area):
            areas.append(area)
    return float(np.quantile(areas, 0.025)), float(np.quantile(areas, 0.975))
