"""Both experts are fitted, brought to one scale and joined; calibration and threshold stand on their joint word."""

from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from inference.core.detection.flow_expert import FlowExpert
from inference.core.detection.flow_statistics import FLOW_NAMES
from inference.core.detection.lasting import ORDINARY_LOGIT, lasting_rows
from inference.core.detection.model import MAX_DEVIATION
from inference.core.detection.pooling import Pool
from inference.core.detection.scorer import FLOW_SHARE, SEVERAL
from inference.core.errors import DetectionError
from inference.training.detection.fit import balanced_weight, fit_isotonic, fit_rising, standardise
from inference.training.detection.heads import HEADS, context_of, inputs_of
from inference.training.detection.windows import NORMAL, UNCLEAR, Windows
from inference.training.evaluation.ranking import area_under_curve, average_precision, recall_at_false_rate

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
FLOW_INPUTS = (
    "direction_spread.mean",
    "ragged.mean",
    "turning.mean",
    "squeezing.mean",
    "opposed.mean",
    "opposed.peak",
)
"""What the flow expert looks at: ratios and shares only, as recordings play too fast or too slow."""
AGITATION, DISPERSAL = HEADS.index("agitation"), HEADS.index("dispersal")


@dataclass(frozen=True, slots=True)
class FitConfig:
    """How the experts are fitted.

    Attributes:
        parts: so many parts are each judged by experts that were fitted on the others.
        ridge, flow_ridge: penalties of the heads and of the flow expert.
        normal_alarm_share: share of ordinary stretches (up to 10 s) that may reach the default threshold.
    """

    parts: int = 4
    ridge: float = 0.03
    flow_ridge: float = 0.01
    normal_alarm_share: float = 0.03

    def __post_init__(self) -> None:
        if self.parts < 2 or not 0.0 < self.normal_alarm_share < 1.0 or min(self.ridge, self.flow_ridge) <= 0.0:
            raise DetectionError("`parts` must be 2 or more, `normal_alarm_share` 0-1, `ridge`, `flow_ridge` above 0.")


@dataclass(frozen=True, slots=True)
class Experts:
    """Both experts, not yet written.

    Attributes:
        mean, scale: `float64 (F,)` of the heads' inputs.
        answer: `float64 (K, F + 1)` weights and bias of the heads.
        flow: the flow expert.
    """

    mean: Floats = field(repr=False)
    scale: Floats = field(repr=False)
    answer: Floats = field(repr=False)
    flow: FlowExpert

    def heads(self, windows: Windows) -> Floats:
        """Give the evidence of the heads alone, `(M, K)`."""
        deviations = np.clip((windows.inputs - self.mean) / self.scale, -MAX_DEVIATION, MAX_DEVIATION)
        return np.asarray(deviations @ self.answer[:, :-1].T + self.answer[:, -1], np.float64)

    def ragged(self, windows: Windows) -> Floats:
        """Give the evidence of the flow expert alone, `(M,)`."""
        is_known = ~np.isnan(windows.flow[:, 0])
        result = np.full(len(windows.labels), ORDINARY_LOGIT)
        result[is_known] = [self.flow.logit(row) for row in windows.flow[is_known]]
        return result

    def joined(self, windows: Windows) -> Floats:
        """Give the evidence as `Scorer` joins it, `(M, K)`."""
        logits = self.heads(windows)
        few = windows.fast < SEVERAL
        logits[few, DISPERSAL] = np.minimum(logits[few, DISPERSAL], 0.0)
        logits[:, AGITATION] = FLOW_SHARE * self.ragged(windows) + (1.0 - FLOW_SHARE) * logits[:, AGITATION]
        return lasting_rows(logits, windows.times, windows.ages, windows.views, HEADS)


def fit_model(
    windows: Windows, config: FitConfig, first: int = 0
) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Fit both experts on all scenes and clips; threshold and calibration on what experts say that never saw them.

    For these, scenes and clips are put in `parts`; each part is judged by experts fitted on the others (cross-fitting).

    Args:
        windows: of scenes and clips.
        config: how.
        first: number of the first scene.

    Returns:
        the numbers of the weights file, those of the flow file, and metrics of the cross-fitted judgements of simulated
        stretches (never a headline: simulated).
    """
    part = (windows.bags - first) % config.parts
    heads, ragged, logits = (np.empty((len(part), len(HEADS))) for _ in range(3))
    for number in range(config.parts):
        held = part == number
        unseen = _levelled(_fitted(windows, ~held, config), windows, held & (windows.labels == NORMAL))
        rows = _at(windows, held)
        heads[held], ragged[held, AGITATION], logits[held] = (
            unseen.heads(rows),
            unseen.ragged(rows),
            unseen.joined(rows),
        )
    everything = np.ones(len(part), np.bool_)
    experts = _levelled(_fitted(windows, everything, config), windows, windows.labels == NORMAL)
    scores, is_event = stretch_peaks(windows, _chance(logits.max(axis=1)), everything)
    threshold = float(np.quantile(scores[~is_event], 1.0 - config.normal_alarm_share))
    steps = fit_isotonic(scores, is_event)
    numbers = {
        "inputs": list(Pool.NAMES),
        "mean": _plain(experts.mean),
        "scale": _plain(experts.scale),
        "heads": list(HEADS),
        "weights": [_plain(row) for row in experts.answer[:, :-1]],
        "bias": _plain(experts.answer[:, -1]),
        "usual": _plain(np.median(experts.joined(windows)[windows.labels == NORMAL], axis=0)),
        "steps": [_plain(row) for row in steps],
        "threshold": round(threshold, 4),
    }
    metrics: dict[str, Any] = {
        "windows": len(windows.labels),
        "stretches": len(scores),
        "auc": _rounded(area_under_curve(scores, is_event)),
        "ap": _rounded(average_precision(scores, is_event)),
        "recall_at_fpr_5": _rounded(recall_at_false_rate(scores, is_event, 0.05)),
        "recall_at_threshold": _rounded(float((scores[is_event] >= threshold).mean())),
        "threshold": round(threshold, 4),
    }
    for head, name in enumerate(HEADS):
        metrics[f"window_auc_{name}"] = _window_auc(windows, heads[:, head], head)
    metrics["window_auc_flow_expert"] = _window_auc(windows, ragged[:, AGITATION], AGITATION)
    metrics["window_auc_agitation_joined"] = _window_auc(windows, logits[:, AGITATION], AGITATION)
    return numbers, plain_flow(experts.flow), metrics


def _fitted(windows: Windows, is_used: Flags, config: FitConfig) -> Experts:
    _, mean, scale = standardise(windows.inputs[is_used])
    deviations = np.clip((windows.inputs - mean) / scale, -MAX_DEVIATION, MAX_DEVIATION).astype(np.float64)
    answers = []
    for head, name in enumerate(HEADS):
        rows = np.flatnonzero(is_used & ((windows.labels == head) | (windows.labels == NORMAL)))
        is_event = windows.labels[rows] == head
        if not is_event.any() or is_event.all():
            raise DetectionError(f"Training needs moments with and without {name!r}; more scenes would have both.")
        weight = balanced_weight(is_event, windows.views[rows])
        answers.append(fit_head(name, deviations[rows], is_event, weight, config.ridge))
    return Experts(mean, scale, np.array(answers), _fit_flow(windows, is_used, config.flow_ridge))


def _fit_flow(windows: Windows, is_used: Flags, ridge: float) -> FlowExpert:
    is_known = is_used & ~np.isnan(windows.flow[:, 0])
    rows = np.flatnonzero(is_known & ((windows.labels == AGITATION) | (windows.labels == NORMAL)))
    if not len(rows):
        raise DetectionError("Training needs moments of which the flow is known; longer clips and views have them.")
    inputs = windows.flow[rows][:, [FLOW_NAMES.index(name) for name in FLOW_INPUTS]]
    is_event = windows.labels[rows] == AGITATION
    deviations, mean, scale = standardise(inputs)
    answer = fit_rising(deviations, is_event, balanced_weight(is_event, windows.views[rows]), ridge)
    plain = [np.asarray(part, np.float32) for part in (mean, scale, answer[:-1])]
    return FlowExpert(FLOW_INPUTS, plain[0], plain[1], plain[2], float(answer[-1]))


def fit_head(head: str, deviations: Floats, is_event: Flags, weight: Floats, ridge: float) -> Floats:
    """Fit one head: inputs that may only raise it, context that may go either way (given with both signs)."""
    inputs, context = inputs_of(head, Pool.NAMES), context_of(head, Pool.NAMES)
    design = np.hstack([deviations[:, inputs], deviations[:, context], -deviations[:, context]])
    fitted = fit_rising(design, is_event, weight, ridge)
    answer = np.zeros(len(Pool.NAMES) + 1)
    answer[[*inputs, -1]] = fitted[[*range(len(inputs)), -1]]
    answer[context] += fitted[len(inputs) : len(inputs) + len(context)] - fitted[len(inputs) + len(context) : -1]
    return answer


def _levelled(experts: Experts, windows: Windows, is_ordinary: Flags) -> Experts:
    """Bring all to one scale, so that the highest is fair: ordinary life at -3, its highest 5 % above 0.

    First each expert alone, so that their mean is fair; then the mean, which is calmer than either.
    """
    heads, ragged = experts.heads(windows)[is_ordinary], experts.ragged(windows)[is_ordinary]
    answer, flow = experts.answer.copy(), experts.flow
    for head in range(len(HEADS)):
        answer[head] = _moved(answer[head], *_level(heads[:, head]))
    stretch, shift = _level(ragged)
    flow = _stretched(flow, stretch, shift)
    joined = Experts(experts.mean, experts.scale, answer, flow).joined(windows)[is_ordinary, AGITATION]
    stretch, shift = _level(joined)
    answer[AGITATION] = _moved(answer[AGITATION], stretch, shift)
    return Experts(experts.mean, experts.scale, answer, _stretched(flow, stretch, shift))


def _level(ordinary: Floats) -> tuple[float, float]:
    middle, high = np.quantile(ordinary, [0.5, 0.95])
    stretch = -ORDINARY_LOGIT / max(float(high - middle), 1e-6)
    return stretch, ORDINARY_LOGIT - stretch * float(middle)


def _moved(answer: Floats, stretch: float, shift: float) -> Floats:
    moved = answer * stretch
    moved[-1] += shift
    return np.asarray(moved, np.float64)


def _stretched(flow: FlowExpert, stretch: float, shift: float) -> FlowExpert:
    weights = np.asarray(flow.weights * stretch, np.float32)
    return FlowExpert(flow.inputs, flow.mean, flow.scale, weights, stretch * flow.bias + shift)


def stretch_peaks(windows: Windows, scores: Floats, is_used: Flags) -> tuple[Floats, Flags]:
    """Give one score per stretch of a view, event or ordinary life: the peak that would become an event's score.

    The second highest window is taken: an event needs more than one moment.
    """
    peaks, flags = [], []
    order = np.flatnonzero(is_used)[np.argsort(windows.views[is_used], kind="stable")]
    for rows in np.split(order, np.flatnonzero(np.diff(windows.views[order])) + 1):
        for is_event in (False, True):
            wanted = rows[(windows.labels[rows] >= 0) == is_event]
            wanted = wanted[windows.labels[wanted] != UNCLEAR]
            if len(wanted) >= 3:
                peaks.append(float(np.sort(scores[wanted])[-2]))
                flags.append(is_event)
    return np.array(peaks), np.array(flags, np.bool_)


def plain_flow(expert: FlowExpert) -> dict[str, Any]:
    """Give the flow expert as what `load_flow_expert` reads."""
    numbers: dict[str, Any] = {"inputs": list(expert.inputs), "bias": float(f"{expert.bias:.6g}")}
    return numbers | {name: _plain(getattr(expert, name)) for name in ("mean", "scale", "weights")}


def _at(windows: Windows, rows: Flags) -> Windows:
    return Windows(**{each.name: getattr(windows, each.name)[rows] for each in fields(Windows)})


def _window_auc(windows: Windows, evidence: Floats, head: int) -> float:
    rows = np.flatnonzero((windows.labels == head) | (windows.labels == NORMAL))
    return _rounded(area_under_curve(evidence[rows], windows.labels[rows] == head))


def _chance(logits: Floats) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp(-logits)), np.float64)


def _rounded(value: float) -> float:
    return round(value, 4)


def _plain(values: npt.NDArray[Any]) -> list[float]:
    return [float(f"{value:.6g}") for value in values]
