"""All that `paca-detect` learns from: windows of simulated scenes and of short simulated clips, kept between runs."""

import hashlib
import json
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import Final

import cv2
from tqdm import tqdm

from inference.core.errors import DetectionError
from inference.training.detection.heads import HEADS
from inference.training.detection.short_clips import draw_plan, render_clip
from inference.training.detection.views import BagConfig, collect_scene
from inference.training.detection.windows import NORMAL, WindowMeter, Windows, join, load_windows

CLIP_BAGS: Final = 1_000_000
CLIP_VIEWS: Final = 100_000_000
"""Numbers from which those of clips start, so that no clip is taken for a scene."""
PACKAGE: Final = Path(__file__).parents[2]
MEASURING: Final = (
    "silhouettes mask_flow motion tracklets pairs features baseline quantile pooling facts flow_statistics"
)
DRAWING: Final = "behaviours struggles short_clips corrupt views windows"
"""Modules of `core/detection` and of this package that windows follow from, beside the simulation."""


@dataclass(frozen=True, slots=True)
class DataConfig:
    """What is simulated: scenes seed, seed + 1, ... and clips likewise; `workers` changes nothing but the time."""

    seed: int
    scenes: int
    clips: int
    workers: int = 1
    bag: BagConfig = field(default_factory=BagConfig)

    def __post_init__(self) -> None:
        if min(self.scenes, self.clips, self.workers) < 1 or self.seed < 0:
            given = f"{self.scenes}, {self.clips}, {self.workers}, {self.seed}"
            raise DetectionError(f"`scenes`, `clips`, `workers` must be 1 or more and `seed` 0 or more, got {given}.")


def recipe_sha256(bag: BagConfig) -> str:
    """Give the hash of everything but its number that a scene or a clip follows from: configuration and code."""
    known = hashlib.sha256(json.dumps([asdict(bag), HEADS], sort_keys=True).encode())
    files = [PACKAGE / "core" / "detection" / f"{name}.py" for name in MEASURING.split()]
    files += [PACKAGE / "training" / "detection" / f"{name}.py" for name in DRAWING.split()]
    for path in [*files, *sorted((PACKAGE / "training" / "simulation").glob("*.py"))]:
        known.update(f"{path.relative_to(PACKAGE)}\n".encode() + path.read_bytes())
    return known.hexdigest()


def data_sha256(config: DataConfig) -> str:
    """Give the hash of all that is simulated."""
    numbers = f"{config.seed};{config.scenes};{config.clips}"
    return hashlib.sha256(f"{recipe_sha256(config.bag)};{numbers}".encode()).hexdigest()


def collect_clip(seed: int) -> Windows:
    """Simulate the clip of one seed and give its windows."""
    plan = draw_plan(seed)
    event = "dispersal" if plan.name == "chase" else "agitation"
    label = HEADS.index(event) if plan.is_event else NORMAL
    meter = WindowMeter(CLIP_BAGS + seed, CLIP_VIEWS + seed)
    for seen, time_s in render_clip(plan):
        meter.update(seen, time_s, label)
    return meter.windows()


def _collect_one(kind: str, seed: int, bag: BagConfig, folder: Path | None) -> Windows:
    kept = None if folder is None else folder / f"{kind}-{seed}.npz"
    if kept is not None and kept.is_file():
        return load_windows(kept)
    windows = collect_scene(seed, bag) if kind == "scene" else collect_clip(seed)
    if kept is not None:
        windows.save(kept)
    return windows


def collect(config: DataConfig, cache: Path | None = None) -> Windows:
    """Simulate all scenes and clips and give their windows; the same for any number of workers.

    Args:
        config: what is simulated.
        cache: folder in which the windows of each scene and clip are kept, under the hash of what they follow from, so
            that training that was stopped goes on where it was; None keeps nothing.
    """
    folder = None if cache is None else cache / recipe_sha256(config.bag)[:16]
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    wanted = [("scene", config.seed + number) for number in range(config.scenes)]
    wanted += [("clip", config.seed + number) for number in range(config.clips)]
    if config.workers == 1:
        return join([_collect_one(kind, seed, config.bag, folder) for kind, seed in tqdm(wanted, desc="simulated")])
    # Started anew, not forked: a fork of a process in which OpenCV has run threads may wait for ever.
    fresh = get_context("spawn")
    with ProcessPoolExecutor(config.workers, fresh, initializer=cv2.setNumThreads, initargs=(1,)) as pool:
        jobs = [pool.submit(_collect_one, kind, seed, config.bag, folder) for kind, seed in wanted]
        return join([job.result() for job in tqdm(jobs, desc="scenes and clips", unit="")])
