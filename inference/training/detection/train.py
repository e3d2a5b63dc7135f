"""Train `paca-detect` from nothing but simulated scenes: simulate, corrupt, measure, fit, calibrate, save.

`python -m inference train detection --config inference/training/detection/paca-detect.toml --out DIR`
"""

import hashlib
import json
import shutil
import subprocess
import sys
import tomllib
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from inference.core.detection.model import MAX_DEVIATION, load_model
from inference.core.detection.pooling import Pool
from inference.core.errors import DetectionError
from inference.training.detection.fit import balanced_weight, fit_isotonic, fit_rising, standardise
from inference.training.detection.heads import HEADS, context_of, inputs_of
from inference.training.detection.views import NORMAL, UNCLEAR, BagConfig, Windows, collect_scene
from inference.training.evaluation.ranking import area_under_curve, average_precision, recall_at_false_rate

Floats = npt.NDArray[np.float64]
WEIGHTS_NAME = "weights.json"
ORDINARY = 3.0


@dataclass(frozen=True, slots=True)
class TrainConfig:
    """What is trained.

    Attributes:
        seed: first scene; scenes are seed, seed + 1, ...
        scenes: how many.
        held_out: every how many-th scene is kept for calibration and the threshold.
        ridge: penalty of the logistic heads.
        normal_alarm_share: share of held-out ordinary stretches (about 20 s each) that may reach the default threshold.
        workers: processes.
        bag: how scenes are drawn and looked at.
    """

    seed: int
    scenes: int
    held_out: int = 4
    ridge: float = 0.03
    normal_alarm_share: float = 0.1
    workers: int = 1
    bag: BagConfig = field(default_factory=BagConfig)

    def __post_init__(self) -> None:
        if self.scenes < 2 * self.held_out or self.held_out < 2:
            raise DetectionError(f"`scenes` must be at least 2 x `held_out`, got {self.scenes} and {self.held_out}.")
        if not 0.0 < self.normal_alarm_share < 1.0 or self.ridge <= 0.0 or self.workers < 1:
            raise DetectionError("`normal_alarm_share` must be 0-1, `ridge` above 0, `workers` at least 1.")


def read_config(path: Path) -> TrainConfig:
    """Read a TOML file of `TrainConfig` fields; the table `[bag]` holds those of `BagConfig`.

    Raises:
        DetectionError: the file cannot be read, or a field is unknown or wrong.
    """
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
        return TrainConfig(**{**values, "bag": BagConfig(**values.get("bag", {}))})
    except (OSError, tomllib.TOMLDecodeError, TypeError) as error:
        raise DetectionError(f"The training configuration {path} cannot be used: {error}.") from error


def main(config: Path, out: Path) -> None:
    """Train, and write `weights.json`, `manifest.json` and `config.toml` to the folder `out`.

    Raises:
        DetectionError: the configuration is wrong or `out` holds weights already.
    """
    settings = read_config(config)
    if (out / WEIGHTS_NAME).exists():
        raise DetectionError(f"{out / WEIGHTS_NAME} exists; weights are never overwritten, give another folder.")
    out.mkdir(parents=True, exist_ok=True)
    windows = collect(settings)
    numbers, metrics = fit_model(windows, settings)
    save(numbers, metrics, settings, config, out)
    sys.stderr.write(json.dumps(metrics, indent=1) + "\n")


def collect(settings: TrainConfig) -> Windows:
    """Simulate all scenes and give their windows; the same for any number of workers."""
    seeds = range(settings.seed, settings.seed + settings.scenes)
    with ProcessPoolExecutor(settings.workers, initializer=cv2.setNumThreads, initargs=(1,)) as pool:
        jobs = [pool.submit(collect_scene, seed, settings.bag) for seed in seeds]
        parts = [job.result() for job in tqdm(jobs, desc="scenes", unit="scene")]
    return Windows(
        inputs=np.concatenate([part.inputs for part in parts]),
        labels=np.concatenate([part.labels for part in parts]),
        bags=np.concatenate([part.bags for part in parts]),
        views=np.concatenate([part.views for part in parts]),
        times=np.concatenate([part.times for part in parts]),
    )


def fit_model(windows: Windows, settings: TrainConfig) -> tuple[dict[str, Any], dict[str, Any]]:
    """Fit heads on most scenes, calibration and threshold on the others.

    Returns:
        the numbers of the weights file, and metrics on the held-out simulated scenes (never a headline: simulated).
    """
    is_held = (windows.bags - settings.seed) % settings.held_out == settings.held_out - 1
    _, mean, scale = standardise(windows.inputs[~is_held])
    deviations = np.clip((windows.inputs - mean) / scale, -MAX_DEVIATION, MAX_DEVIATION).astype(np.float64)
    answers = []
    for head in range(len(HEADS)):
        rows = np.flatnonzero(~is_held & ((windows.labels == head) | (windows.labels == NORMAL)))
        is_event = windows.labels[rows] == head
        if not is_event.any() or is_event.all():
            raise DetectionError(
                f"Training needs moments with and without {HEADS[head]!r}; more scenes would have both."
            )
        weight = balanced_weight(is_event, windows.views[rows])
        answers.append(fit_head(HEADS[head], deviations[rows], is_event, weight, settings.ridge))
    answer = level_heads(np.array(answers), deviations[is_held & (windows.labels == NORMAL)])
    logits = deviations @ answer[:, :-1].T + answer[:, -1]
    heads = 1.0 / (1.0 + np.exp(-logits))
    scores, is_event = stretch_peaks(windows, heads.max(axis=1), is_held)
    ordinary = np.sort(scores[~is_event])
    threshold = float(np.quantile(ordinary, 1.0 - settings.normal_alarm_share))
    numbers = {
        "inputs": list(Pool.NAMES),
        "mean": _plain(mean),
        "scale": _plain(scale),
        "heads": list(HEADS),
        "weights": [_plain(row) for row in answer[:, :-1]],
        "bias": _plain(answer[:, -1]),
        "usual": _plain(np.median(logits[windows.labels == NORMAL], axis=0)),
        "steps": [_plain(row) for row in fit_isotonic(scores, is_event)],
        "threshold": round(threshold, 4),
    }
    metrics: dict[str, Any] = {
        "windows": len(windows.labels),
        "held_out_stretches": len(scores),
        "auc": round(area_under_curve(scores, is_event), 4),
        "ap": round(average_precision(scores, is_event), 4),
        "recall_at_fpr_5": round(recall_at_false_rate(scores, is_event, 0.05), 4),
        "recall_at_threshold": round(float((scores[is_event] >= threshold).mean()), 4),
        "threshold": round(threshold, 4),
    }
    for head, name in enumerate(HEADS):
        rows = np.flatnonzero(is_held & ((windows.labels == head) | (windows.labels == NORMAL)))
        metrics[f"window_auc_{name}"] = round(area_under_curve(heads[rows, head], windows.labels[rows] == head), 4)
    return numbers, metrics


def fit_head(head: str, deviations: Floats, is_event: npt.NDArray[np.bool_], weight: Floats, ridge: float) -> Floats:
    """Fit one head: inputs that may only raise it, context that may go either way (given with both signs)."""
    inputs, context = inputs_of(head, Pool.NAMES), context_of(head, Pool.NAMES)
    design = np.hstack([deviations[:, inputs], deviations[:, context], -deviations[:, context]])
    fitted = fit_rising(design, is_event, weight, ridge)
    answer = np.zeros(len(Pool.NAMES) + 1)
    answer[[*inputs, -1]] = fitted[[*range(len(inputs)), -1]]
    answer[context] += fitted[len(inputs) : len(inputs) + len(context)] - fitted[len(inputs) + len(context) : -1]
    return answer


def level_heads(answer: Floats, ordinary: Floats) -> Floats:
    """Bring the heads to one scale, so that their highest is fair: ordinary life at -3, its highest 5 % above 0.

    Args:
        answer: `(K, F + 1)` weights and bias.
        ordinary: `(M, F)` standardised moments of held-out ordinary life.
    """
    logits = ordinary @ answer[:, :-1].T + answer[:, -1]
    middle = np.median(logits, axis=0)
    stretch = ORDINARY / np.maximum(np.quantile(logits, 0.95, axis=0) - middle, 1e-6)
    levelled = answer * stretch[:, None]
    levelled[:, -1] -= stretch * middle + ORDINARY
    return np.asarray(levelled, np.float64)


def stretch_peaks(
    windows: Windows, scores: Floats, is_used: npt.NDArray[np.bool_]
) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Give one score per stretch of a view, event or ordinary life: the peak that would become an event's score.

    The second highest window is taken: an event needs more than one moment.
    """
    peaks, flags = [], []
    for view in np.unique(windows.views[is_used]):
        rows = np.flatnonzero(windows.views == view)
        for is_event in (False, True):
            wanted = rows[(windows.labels[rows] >= 0) == is_event]
            wanted = wanted[windows.labels[wanted] != UNCLEAR]
            if len(wanted) >= 4:
                peaks.append(float(np.sort(scores[wanted])[-2]))
                flags.append(is_event)
    return np.array(peaks), np.array(flags, np.bool_)


def save(numbers: dict[str, Any], metrics: dict[str, Any], settings: TrainConfig, config: Path, out: Path) -> None:
    """Write the weights, their manifest and the configuration; read them back as the detector will."""
    content = json.dumps(numbers, separators=(",", ":")).encode()
    (out / WEIGHTS_NAME).write_bytes(content)
    manifest = {
        "name": "paca-detect",
        "files": {"numbers": {"path": WEIGHTS_NAME, "sha256": hashlib.sha256(content).hexdigest()}},
        "licence": "Apache-2.0",
        "source": "own training, on simulated scenes only",
        "data": [f"inference/training/simulation: scenes {settings.seed} to {settings.seed + settings.scenes - 1}"],
        "command": "python -m inference train detection --config config.toml --out DIR",
        "config_sha256": hashlib.sha256(config.read_bytes()).hexdigest(),
        "seed": settings.seed,
        "scenes": settings.scenes,
        "commit": _commit(),
        "metrics": metrics,
    }
    (out / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    shutil.copyfile(config, out / "config.toml")
    load_model(out)


def _plain(values: npt.NDArray[Any]) -> list[float]:
    return [float(f"{value:.6g}") for value in values]


def _commit() -> str:
    git = shutil.which("git")
    if git is None:
        return "unknown"
    answer = subprocess.run(  # noqa: S603 - fixed arguments, no shell
        [git, "rev-parse", "HEAD"], cwd=Path(__file__).parent, capture_output=True, text=True, check=False
    )
    return answer.stdout.strip() or "unknown"
