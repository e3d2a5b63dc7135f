"""The small model of `paca-detect`: one logistic head per kind of event, and the calibration of what they say together.

Weights are plain numbers in JSON, held to the sha256 in their manifest; nothing is unpickled, nothing but numpy runs.
Calibration: isotonic regression (Zadrozny and Elkan, KDD 2002, doi 10.1145/775047.775151) fitted on held-out scenes.
"""

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from inference.core.detection.silhouettes import Floats
from inference.core.errors import WeightsError
from inference.core.weights import WEIGHTS_FOLDER, load_manifest

MAX_DEVIATION = 4.0
"""Inputs are cut at so many standard deviations of the training scenes: one absurd measurement must not decide."""


@dataclass(frozen=True, slots=True)
class Model:
    """Logistic heads over pooled features.

    Attributes:
        inputs: names of the F inputs, in the order of the numbers.
        mean, scale: `float32 (F,)` of the training scenes.
        heads: names of the K kinds of event.
        weights: `float32 (K, F)`.
        bias: `float32 (K,)`.
        usual: `float32 (K,)` typical logit of ordinary life, in the training scenes.
        steps: `float32 (S, 2)` calibration: score (0-1, rising) and share of such moments that were events (0-1).
        threshold: default score (0-1) from which an operator is called.
        sha256: of the weights file.
    """

    inputs: tuple[str, ...] = field(repr=False)
    mean: Floats = field(repr=False)
    scale: Floats = field(repr=False)
    heads: tuple[str, ...]
    weights: Floats = field(repr=False)
    bias: Floats = field(repr=False)
    usual: Floats = field(repr=False)
    steps: Floats = field(repr=False)
    threshold: float
    sha256: str

    def __post_init__(self) -> None:
        inputs, heads = len(self.inputs), len(self.heads)
        for name, shape in (
            ("mean", (inputs,)),
            ("scale", (inputs,)),
            ("weights", (heads, inputs)),
            ("bias", (heads,)),
            ("usual", (heads,)),
            ("steps", (len(self.steps), 2)),
        ):
            given = getattr(self, name)
            if given.shape != shape or not np.isfinite(given).all():
                raise WeightsError(f"`{name}` of paca-detect must be finite numbers {shape}, got {given.shape}.")
        if not len(self.steps) or not heads:
            raise WeightsError("paca-detect needs at least one head and one calibration step, got none.")

    def logits(self, pooled: Floats) -> Floats:
        """Give the evidence of one moment per head, `float32 (K,)`, 0 is even.

        Args:
            pooled: `float32 (F,)` in the order of `inputs`.
        """
        deviations = np.clip((pooled - self.mean) / self.scale, -MAX_DEVIATION, MAX_DEVIATION)
        return np.asarray(self.weights @ deviations + self.bias, np.float32)

    def scores(self, pooled: Floats) -> Floats:
        """Score one moment per head, `float32 (K,)` 0-1, as if nothing were known of the camera."""
        return np.asarray(1.0 / (1.0 + np.exp(-self.logits(pooled))), np.float32)

    def contributions(self, pooled: Floats, head: int) -> dict[str, float]:
        """Give what each input adds to the logit of one head; for explaining a score."""
        deviations = np.clip((pooled - self.mean) / self.scale, -MAX_DEVIATION, MAX_DEVIATION)
        return {name: float(value) for name, value in zip(self.inputs, self.weights[head] * deviations, strict=True)}

    def confidence(self, score: float) -> float:
        """Give the calibrated confidence, 0-100 %, of a score, 0-1."""
        return float(np.clip(np.interp(score, self.steps[:, 0], self.steps[:, 1]), 0.0, 1.0)) * 100.0


def load_model(folder: Path = WEIGHTS_FOLDER / "paca-detect") -> Model:
    """Read and check the weights in `folder`.

    Raises:
        WeightsError: a file is missing, does not match the manifest, or does not hold what the model needs.
    """
    path = load_manifest(folder.name, folder.parent).file("numbers")
    content = path.read_bytes()
    try:
        numbers = json.loads(content)
        return Model(
            inputs=tuple(numbers["inputs"]),
            mean=np.asarray(numbers["mean"], np.float32),
            scale=np.asarray(numbers["scale"], np.float32),
            heads=tuple(numbers["heads"]),
            weights=np.asarray(numbers["weights"], np.float32),
            bias=np.asarray(numbers["bias"], np.float32),
            usual=np.asarray(numbers["usual"], np.float32),
            steps=np.asarray(numbers["steps"], np.float32),
            threshold=float(numbers["threshold"]),
            sha256=hashlib.sha256(content).hexdigest(),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise WeightsError(f"{path.name} of paca-detect does not hold what the detector needs: {error!r}.") from error
