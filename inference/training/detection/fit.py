"""Fitting the small model: logistic heads that only rise, isotonic calibration by pooling neighbours.

Source: accelerated projected gradient (Beck and Teboulle, 2009, doi 10.1137/080716542);
pool-adjacent-violators (Ayer et al., 1955, doi 10.1214/aoms/1177728423).
"""

import numpy as np
import numpy.typing as npt

from inference.core.detection.model import MAX_DEVIATION

Floats = npt.NDArray[np.float64]
RISING_STEPS = 600


def standardise(inputs: npt.NDArray[np.float32]) -> tuple[Floats, Floats, Floats]:
    """Give the inputs as cut deviations, their mean and their scale: `(M, F)`, `(F,)`, `(F,)`."""
    mean, scale = inputs.mean(axis=0, dtype=np.float64), inputs.std(axis=0, dtype=np.float64)
    scale = np.maximum(scale, 1e-3)
    return np.clip((inputs - mean) / scale, -MAX_DEVIATION, MAX_DEVIATION), mean, scale


def fit_rising(deviations: Floats, is_event: npt.NDArray[np.bool_], weight: Floats, ridge: float) -> Floats:
    """Fit one head whose inputs may only raise the score, with a ridge penalty.

    With few scenes a free head learns the scenes (how many people there were); a rising one keeps to what is known:
    more of what its inputs measure is more unusual, never less.

    Args:
        deviations: `(M, F)`, standardised.
        is_event: `(M,)`.
        weight: `(M,)`, how much each moment counts.
        ridge: penalty on the squared weights.

    Returns:
        `(F + 1,)`, weights of at least 0 and then the bias.
    """
    design = np.hstack([deviations, np.ones((len(deviations), 1))])
    weight = weight / weight.sum()
    penalty = np.full(design.shape[1], ridge)
    penalty[-1] = 0.0
    step = 1.0 / (0.25 * float(np.linalg.eigvalsh((design * weight[:, None]).T @ design)[-1]) + ridge)
    answer = ahead = np.zeros(design.shape[1])
    pace = 1.0
    for _ in range(RISING_STEPS):
        chance = 1.0 / (1.0 + np.exp(-np.clip(design @ ahead, -30, 30)))
        moved = ahead - step * (design.T @ (weight * (chance - is_event)) + penalty * ahead)
        moved[:-1] = np.maximum(moved[:-1], 0.0)
        next_pace = 0.5 * (1.0 + float(np.sqrt(1.0 + 4.0 * pace**2)))
        ahead = moved + (pace - 1.0) / next_pace * (moved - answer)
        answer, pace = moved, next_pace
    return answer


def balanced_weight(is_event: npt.NDArray[np.bool_], views: npt.NDArray[np.int64]) -> Floats:
    """Weigh events and ordinary life equally, and within each every view equally; `(M,)`."""
    weight = np.zeros(len(is_event))
    for value in (False, True):
        rows = np.flatnonzero(is_event == value)
        _, inverse, counts = np.unique(views[rows], return_inverse=True, return_counts=True)
        weight[rows] = 1.0 / np.maximum(counts[inverse], 5)
        weight[rows] /= weight[rows].sum()
    return weight


def fit_isotonic(scores: Floats, is_event: npt.NDArray[np.bool_], steps: int = 24) -> Floats:
    """Give a rising curve from score to share of events, `(S, 2)`, at most `steps` + 1 points.

    Shares are shrunk by one event and one non-event per block, so that no confidence is ever 0 or 100 %.
    """
    order = np.argsort(scores)
    groups = np.array_split(order, min(steps, max(2, len(order) // 15)))
    blocks = [[float(scores[rows].sum()), float(is_event[rows].sum()), float(len(rows))] for rows in groups]
    merged: list[list[float]] = []
    for block in blocks:
        merged.append(block)
        while len(merged) > 1 and _share(merged[-2]) >= _share(merged[-1]):
            last = merged.pop()
            merged[-1] = [a + b for a, b in zip(merged[-1], last, strict=True)]
    return np.array([[block[0] / block[2], _share(block)] for block in merged])


def _share(block: list[float]) -> float:
    return (block[1] + 1.0) / (block[2] + 2.0)
