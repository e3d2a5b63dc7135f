"""Fit the flow expert on short simulated clips; report what of ordinary life it would call, behaviour by behaviour.

`python -m inference.training.detection.flow_fit --out flow.json` writes the numbers and says what was measured.
"""

import argparse
import json
import sys
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from inference.core.detection.flow_expert import FLOW_INPUTS, FlowExpert
from inference.core.detection.flow_statistics import FLOW_NAMES, FlowStatistics
from inference.training.detection.behaviours import ORDINARY
from inference.training.detection.fit import balanced_weight, fit_rising, standardise
from inference.training.detection.short_clips import ClipPlan, draw_plan, render_clip
from inference.training.evaluation.ranking import area_under_curve

Floats = npt.NDArray[np.float32]
RIDGE = 0.01
SAMPLE = 4
"""Every fourth moment of a clip is kept; neighbours say the same."""
HELD_OUT = 4
ORDINARY_LOGIT = -3.0
SUITE_SEED = 900_000


def measure(plan: ClipPlan) -> Floats:
    """Give the statistics of a clip's moments, `float32 (M, F)`."""
    meter = FlowStatistics()
    rows = [values for seen, time_s in render_clip(plan) if (values := meter.update(seen, time_s)) is not None]
    return np.array(rows[::SAMPLE], np.float32).reshape(-1, len(FLOW_NAMES))


def collect(plans: Iterable[ClipPlan], workers: int) -> list[Floats]:
    """Measure many clips; the same for any number of workers."""
    with ProcessPoolExecutor(workers, initializer=cv2.setNumThreads, initargs=(1,)) as pool:
        return list(tqdm(pool.map(measure, plans, chunksize=8), desc="short clips", unit="clip"))


def fit_flow(plans: list[ClipPlan], clips: list[Floats]) -> tuple[FlowExpert, dict[str, Any]]:
    """Fit on three clips of four, bring to scale and measure on the fourth.

    Returns:
        the expert, and its held-out area under the curve (by clip, simulated: never a headline).
    """
    columns = [FLOW_NAMES.index(name) for name in FLOW_INPUTS]
    owner = np.repeat(np.arange(len(clips)), [len(rows) for rows in clips])
    inputs = np.concatenate(clips)[:, columns]
    is_event = np.array([plan.is_event for plan in plans])[owner]
    is_held = owner % HELD_OUT == HELD_OUT - 1
    fitted = ~is_held
    deviations, mean, scale = standardise(inputs[fitted])
    answer = fit_rising(deviations, is_event[fitted], balanced_weight(is_event[fitted], owner[fitted]), RIDGE)
    plain = [np.asarray(part, np.float32) for part in (mean, scale, answer[:-1])]
    expert = FlowExpert(plain[0], plain[1], plain[2], float(answer[-1]))
    logits = np.array([expert.logit(row) for row in np.concatenate(clips)])
    middle, high = np.quantile(logits[is_held & ~is_event], [0.5, 0.95])
    stretch = -ORDINARY_LOGIT / max(float(high - middle), 1e-6)
    bias = stretch * (expert.bias - float(middle)) + ORDINARY_LOGIT
    levelled = FlowExpert(expert.mean, expert.scale, np.asarray(expert.weights * stretch, np.float32), bias)
    held = [k for k in range(HELD_OUT - 1, len(clips), HELD_OUT) if len(clips[k])]
    means = np.array([logits[owner == k].mean() for k in held])
    area = area_under_curve(means, np.array([plans[k].is_event for k in held]))
    return levelled, {"clips": len(clips), "held_out_auc": round(area, 4)}


def not_flagged(expert: FlowExpert, per_behaviour: int, workers: int) -> dict[str, float]:
    """Give the share of fresh ordinary clips, per behaviour, with a moment at or above even evidence."""
    shares = {}
    for number, name in enumerate(ORDINARY):
        first = SUITE_SEED + number * per_behaviour
        plans = [ClipPlan(first + index, name, is_event=False) for index in range(per_behaviour)]
        clips = collect(plans, workers)
        called = [any(expert.logit(row) >= 0.0 for row in rows) for rows in clips]
        shares[name] = round(float(np.mean(called)), 3)
    return shares


def plain_numbers(expert: FlowExpert) -> dict[str, Any]:
    """Give the expert as what `load_flow_expert` reads."""
    numbers: dict[str, Any] = {"inputs": list(FLOW_INPUTS), "bias": float(f"{expert.bias:.6g}")}
    for name in ("mean", "scale", "weights"):
        numbers[name] = [float(f"{value:.6g}") for value in getattr(expert, name)]
    return numbers


def main() -> None:
    """Read the command line, fit, write, report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="file to write")
    parser.add_argument("--clips", type=int, default=1500)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--suite", type=int, default=30, help="clips per ordinary behaviour; 0 for none")
    arguments = parser.parse_args()
    plans = [draw_plan(seed) for seed in range(arguments.seed, arguments.seed + arguments.clips)]
    expert, report = fit_flow(plans, collect(plans, arguments.workers))
    arguments.out.write_text(json.dumps(plain_numbers(expert)) + "\n", encoding="utf-8")
    if arguments.suite:
        report["not_flagged"] = not_flagged(expert, arguments.suite, arguments.workers)
    sys.stdout.write(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
