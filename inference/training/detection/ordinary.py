"""Ordinary and protected behaviour: how often the whole detector would call somebody to it, behaviour by behaviour.

`python -m inference.training.detection.ordinary` prints the shares and ends with 1 if one is above its bound.
"""

import argparse
import json
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

import cv2

from inference.core.detection.episodes import Episode, EpisodeConfig
from inference.core.detection.flow_expert import load_flow_expert
from inference.core.detection.model import load_model
from inference.core.detection.scorer import Scorer
from inference.core.weights import WEIGHTS_FOLDER
from inference.training.detection.behaviours import ORDINARY
from inference.training.detection.short_clips import ClipPlan, render_clip

SUITE_SEED: Final = 900_000
"""Far from the clips of any training."""


@dataclass(frozen=True, slots=True)
class SuiteConfig:
    """How ordinary behaviour is tried: clips of each, their length, and the share that may be called at most."""

    clips: int = 25
    duration_s: float = 8.0
    bound: float = 0.12


def is_called(plan: ClipPlan, weights: Path) -> bool:
    """Say whether the detector with these weights would start an event in a clip."""
    model = load_model(weights)
    scorer = Scorer(model, load_flow_expert(weights))
    episode = Episode(EpisodeConfig(threshold=model.threshold))
    for seen, time_s in render_clip(plan):
        judged = scorer.update(seen, time_s, 0)
        if judged is not None and episode.update(judged.score, time_s) == "started":
            return True
    return False


def measure_ordinary(
    config: SuiteConfig, weights: Path = WEIGHTS_FOLDER / "paca-detect", workers: int = 1
) -> dict[str, float]:
    """Give, for every behaviour, the share of fresh clips in which an event would start at the default threshold."""
    plans = [
        ClipPlan(SUITE_SEED + 1000 * number + index, name, is_event=False, duration_s=config.duration_s)
        for number, name in enumerate(ORDINARY)
        for index in range(config.clips)
    ]
    if workers == 1:
        called = [is_called(plan, weights) for plan in plans]
    else:
        # Started anew, not forked: a fork of a process in which OpenCV has run threads may wait for ever.
        fresh = get_context("spawn")
        with ProcessPoolExecutor(workers, fresh, initializer=cv2.setNumThreads, initargs=(1,)) as pool:
            called = list(pool.map(is_called, plans, [weights] * len(plans), chunksize=4))
    shares: dict[str, float] = {}
    for number, name in enumerate(ORDINARY):
        of_one = called[number * config.clips : (number + 1) * config.clips]
        shares[name] = round(sum(of_one) / len(of_one), 3)
    return shares


def above_bound(shares: dict[str, float], bound: float) -> dict[str, float]:
    """Give the behaviours that are called more often than they may be."""
    return {name: share for name, share in shares.items() if share > bound}


def main(arguments: list[str] | None = None) -> int:
    """Read the command line, measure, print; 1 if a behaviour is above its bound."""
    usual = SuiteConfig()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clips", type=int, default=usual.clips, help="of each behaviour; default: %(default)s")
    parser.add_argument("--seconds", type=float, default=usual.duration_s, help="of each clip; default: %(default)s")
    parser.add_argument("--bound", type=float, default=usual.bound, help="highest share; default: %(default)s")
    parser.add_argument("--workers", type=int, default=1)
    given = parser.parse_args(arguments)
    shares = measure_ordinary(SuiteConfig(given.clips, given.seconds, given.bound), workers=given.workers)
    above = above_bound(shares, given.bound)
    report: dict[str, Any] = {"shares": shares, "bound": given.bound, "above_bound": above}
    sys.stdout.write(json.dumps(report, indent=1) + "\n")
    return 1 if above else 0


if __name__ == "__main__":
    sys.exit(main())
