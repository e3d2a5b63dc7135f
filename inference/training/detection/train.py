"""Train `paca-detect` from nothing but simulated scenes and clips: simulate, corrupt, measure, fit, calibrate, save.

`python -m inference train detection --config inference/training/detection/paca-detect.toml --out DIR`
"""

import hashlib
import json
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from inference.core.detection.flow_expert import load_flow_expert
from inference.core.detection.model import load_model
from inference.core.errors import DetectionError
from inference.training.detection.collecting import DataConfig, collect, data_sha256
from inference.training.detection.fusing import FitConfig, fit_model
from inference.training.detection.ordinary import SuiteConfig, measure_ordinary
from inference.training.detection.views import BagConfig

WEIGHTS_NAME, FLOW_NAME = "weights.json", "flow.json"


@dataclass(frozen=True, slots=True)
class TrainConfig:
    """What is trained: what is simulated, how the experts are fitted, how ordinary behaviour is tried afterwards."""

    data: DataConfig
    fit: FitConfig = field(default_factory=FitConfig)
    suite: SuiteConfig = field(default_factory=SuiteConfig)

    def __post_init__(self) -> None:
        if self.data.scenes < 2 * self.fit.parts:
            given = f"{self.data.scenes} and {self.fit.parts}"
            raise DetectionError(f"`scenes` must be at least 2 x `parts`, got {given}.")


def read_config(path: Path) -> TrainConfig:
    """Read a TOML file: `[data]` of `DataConfig` (with `[data.bag]`), `[fit]` of `FitConfig`, `[suite]`.

    Raises:
        DetectionError: the file cannot be read, or a field is unknown or wrong.
    """
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
        data = values.pop("data")
        bag = BagConfig(**data.pop("bag", {}))
        fit, suite = FitConfig(**values.pop("fit", {})), SuiteConfig(**values.pop("suite", {}))
        return TrainConfig(data=DataConfig(**data, bag=bag), fit=fit, suite=suite, **values)
    except (OSError, tomllib.TOMLDecodeError, TypeError, KeyError) as error:
        raise DetectionError(f"The training configuration {path} cannot be used: {error}.") from error


def main(config: Path, out: Path, cache: Path | None = None) -> None:
    """Train, and write `weights.json`, `flow.json`, `manifest.json` and `config.toml` to the folder `out`.

    Args:
        config: TOML file.
        out: made if it is not there.
        cache: folder where simulated windows are kept; the second fit of the same data then takes seconds.

    Raises:
        DetectionError: the configuration is wrong or `out` holds weights already.
    """
    settings = read_config(config)
    if (out / WEIGHTS_NAME).exists():
        raise DetectionError(f"{out / WEIGHTS_NAME} exists; weights are never overwritten, give another folder.")
    out.mkdir(parents=True, exist_ok=True)
    commit, data_hash = _commit(), data_sha256(settings.data)  # before: the code may change while this runs
    windows = collect(settings.data, cache)
    numbers, flow, metrics = fit_model(windows, settings.fit, settings.data.seed)
    made = Made(numbers, flow, metrics, commit, data_hash)
    save(made, settings, config, out)
    metrics["ordinary"] = measure_ordinary(settings.suite, out, settings.data.workers)
    save(made, settings, config, out)
    sys.stderr.write(json.dumps(metrics, indent=1) + "\n")


@dataclass(frozen=True, slots=True)
class Made:
    """What training made: the numbers of both files, what was measured, and from which code and data."""

    numbers: dict[str, Any]
    flow: dict[str, Any]
    metrics: dict[str, Any]
    commit: str
    data_sha256: str


def save(made: Made, settings: TrainConfig, config: Path, out: Path) -> None:
    """Write the weights, their manifest and the configuration; read them back as the detector will."""
    contents = {
        "numbers": (WEIGHTS_NAME, json.dumps(made.numbers, separators=(",", ":")).encode()),
        "flow": (FLOW_NAME, json.dumps(made.flow).encode() + b"\n"),
    }
    for name, content in contents.values():
        (out / name).write_bytes(content)
    first, data = settings.data.seed, settings.data
    manifest = {
        "name": "paca-detect",
        "files": {
            key: {"path": name, "sha256": hashlib.sha256(content).hexdigest()}
            for key, (name, content) in contents.items()
        },
        "licence": "Apache-2.0",
        "source": "own training, on simulated scenes and clips only",
        "data": [
            f"inference/training/simulation: scenes {first} to {first + data.scenes - 1}",
            f"inference/training/detection/short_clips.py: clips {first} to {first + data.clips - 1}",
        ],
        "command": "python -m inference train detection --config config.toml --out DIR",
        "config_sha256": hashlib.sha256(config.read_bytes()).hexdigest(),
        "seed": first,
        "scenes": data.scenes,
        "clips": data.clips,
        "commit": made.commit,
        "data_sha256": made.data_sha256,
        "metrics": made.metrics,
    }
    (out / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    shutil.copyfile(config, out / "config.toml")
    load_model(out)
    load_flow_expert(out)


def _commit() -> str:
    git = shutil.which("git")
    if git is None:
        return "unknown"
    answer = subprocess.run(  # noqa: S603 - fixed arguments, no shell
        [git, "rev-parse", "HEAD"], cwd=Path(__file__).parent, capture_output=True, text=True, check=False
    )
    return answer.stdout.strip() or "unknown"
