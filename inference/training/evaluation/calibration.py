"""Whether a confidence means what it says: calibration fitted on other source groups, and how far it is off.

Method: Platt scaling with smoothed targets (Platt, 1999), as isotonic regression overfits below about 1000 examples
(Niculescu-Mizil and Caruana, ICML 2005, doi 10.1145/1102351.1102430). Each group is calibrated by the others only.
Expected calibration error over ten bins of equal width: Guo et al., ICML 2017, arXiv 1706.04599.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from inference.training.evaluation.ranking import Flags, Floats, Groups

BINS: Final = 10
NEWTON_STEPS: Final = 50
RIDGE: Final = 1e-3
SIDE: Final = 200


@dataclass(frozen=True, slots=True)
class Bin:
    """One bar of a reliability diagram: mean confidence (0-1), share that were events (0-1), how many."""

    confidence: float
    share: float
    count: int


def fit_platt(scores: Floats, is_event: Flags) -> tuple[float, float]:
    """Give slope (at least 0) and offset that turn the log-odds of a score into those of an event.

    Args:
        scores: `float64 (N,)` 0-1.
        is_event: `bool (N,)`.
    """
    events, others = int(is_event.sum()), int((~is_event).sum())
    target = np.where(is_event, (events + 1.0) / (events + 2.0), 1.0 / (others + 2.0))
    design = np.stack([_log_odds(scores), np.ones(len(scores))], axis=1)
    answer = np.array([0.0, float(np.log((events + 1.0) / (others + 1.0)))])  # from where Newton's steps converge
    for _ in range(NEWTON_STEPS):
        chance = _sigmoid(design @ answer)
        gradient = design.T @ (chance - target) + RIDGE * answer
        curvature = (design * (chance * (1.0 - chance))[:, None]).T @ design + RIDGE * np.eye(2)
        step = np.linalg.solve(curvature, gradient)
        answer = answer - step * min(1.0, 4.0 / max(float(np.abs(step).max()), 1e-9))
        if float(np.abs(step).max()) < 1e-8:
            break
    if answer[0] < 0.0:  # a confidence never falls where the score rises
        return 0.0, float(np.log((events + 1.0) / (others + 1.0)))
    return float(answer[0]), float(answer[1])


def cross_fitted(scores: Floats, is_event: Flags, groups: Groups) -> Floats:
    """Give the calibrated confidence (0-1) of each example, fitted on the other groups only; `float64 (N,)`.

    Raises:
        ValueError: there is only one group.
    """
    names = np.unique(groups)
    if len(names) < 2:
        raise ValueError(f"Cross-fitting needs at least 2 source groups, got {len(names)}.")
    result = np.zeros(len(scores))
    for name in names:
        own = groups == name
        slope, offset = fit_platt(scores[~own], is_event[~own])
        result[own] = _sigmoid(slope * _log_odds(scores[own]) + offset)
    return result


def reliability(confidences: Floats, is_event: Flags) -> list[Bin]:
    """Give the filled bins of a reliability diagram, lowest confidence first."""
    places = np.minimum((confidences * BINS).astype(np.int64), BINS - 1)
    return [
        Bin(float(confidences[rows].mean()), float(is_event[rows].mean()), len(rows))
        for place in range(BINS)
        if len(rows := np.flatnonzero(places == place))
    ]


def calibration_error(confidences: Floats, is_event: Flags) -> float:
    """Give the mean distance of confidence and share, weighted by how many; 0-1."""
    bins = reliability(confidences, is_event)
    return sum(one.count * abs(one.confidence - one.share) for one in bins) / max(1, len(confidences))


def reliability_svg(bins: list[Bin], title: str) -> str:
    """Draw the diagram: a dot per bin, larger for more examples; the diagonal is what a true confidence would give."""
    pad, most = 36, max((one.count for one in bins), default=1)
    dots = "\n".join(
        f'<circle cx="{pad + SIDE * one.confidence:.1f}" cy="{pad + SIDE * (1 - one.share):.1f}" '
        f'r="{3 + 7 * (one.count / most) ** 0.5:.1f}" fill="#2b7a8c" fill-opacity="0.75">'
        f"<title>{one.count} of confidence {one.confidence:.2f}: {one.share:.2f} were events</title></circle>"
        for one in bins
    )
    marks = "\n".join(
        f'<text x="{pad + SIDE * at / 4:.0f}" y="{pad + SIDE + 14}" text-anchor="middle">{at / 4:g}</text>'
        f'<text x="{pad - 6}" y="{pad + SIDE * (1 - at / 4) + 4:.0f}" text-anchor="end">{at / 4:g}</text>'
        for at in range(5)
    )
    whole = SIDE + 2 * pad
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {whole} {whole + 8}" width="{whole}" role="img" '
        f'font-family="sans-serif" font-size="10" fill="#555"><title>{title}</title>\n'
        f'<rect width="{whole}" height="{whole + 8}" fill="#fff"/>\n'
        f'<rect x="{pad}" y="{pad}" width="{SIDE}" height="{SIDE}" fill="none" stroke="#bbb"/>\n'
        f'<line x1="{pad}" y1="{pad + SIDE}" x2="{pad + SIDE}" y2="{pad}" stroke="#bbb" stroke-dasharray="4 3"/>\n'
        f'{marks}\n<text x="{pad}" y="18" font-size="11">{title}</text>\n'
        f'<text x="{pad + SIDE / 2:.0f}" y="{pad + SIDE + 30}" text-anchor="middle">confidence</text>\n{dots}\n</svg>\n'
    )


def _log_odds(scores: Floats) -> Floats:
    kept = np.clip(scores, 1e-4, 1.0 - 1e-4)
    return np.asarray(np.log(kept / (1.0 - kept)), np.float64)


def _sigmoid(values: Floats) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(values, -40.0, 40.0))), np.float64)
