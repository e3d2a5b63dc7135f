"""The second expert of `paca-detect`: a logistic verdict on how ragged the flow of all silhouettes is.

It looks at four of the `flow_statistics` only, those that are ratios or shares: recordings play too fast or too slow
and passers-by fill the picture, so speed itself says little about a struggle; limbs and bodies that move against each
other do, at every speed. None may lower the evidence. Weights are plain numbers, fitted on simulated short clips.
"""

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np

from inference.core.detection.flow_statistics import FLOW_NAMES
from inference.core.detection.model import MAX_DEVIATION
from inference.core.detection.silhouettes import Floats
from inference.core.errors import WeightsError
from inference.core.weights import WEIGHTS_FOLDER, load_manifest

FLOW_INPUTS: Final = ("direction_spread.mean", "ragged.mean", "turning.mean", "squeezing.mean")


@dataclass(frozen=True, slots=True)
class FlowExpert:
    """A logistic verdict; the numbers stand for `FLOW_INPUTS`.

    Attributes:
        mean, scale, weights: `float32 (4,)`.
        bias: so that ordinary clips have a median of -3 and 5 % of their moments are above 0.
        sha256: of the file; empty for numbers just fitted.
    """

    mean: Floats = field(repr=False)
    scale: Floats = field(repr=False)
    weights: Floats = field(repr=False)
    bias: float = 0.0
    sha256: str = ""

    def __post_init__(self) -> None:
        for name in ("mean", "scale", "weights"):
            given = getattr(self, name)
            if given.shape != (len(FLOW_INPUTS),) or not np.isfinite(given).all():
                raise WeightsError(
                    f"`{name}` of the flow expert must be finite ({len(FLOW_INPUTS)},), got {given.shape}."
                )
        if not np.isfinite(self.bias) or (self.scale <= 0.0).any() or (self.weights < 0.0).any():
            raise WeightsError("The flow expert needs a finite bias, scales above 0 and weights of at least 0.")

    def logit(self, statistics: Floats) -> float:
        """Give the evidence of one moment, 0 is even.

        Args:
            statistics: `float32 (F,)` of `FlowStatistics`.
        """
        deviations = np.clip((statistics[_COLUMNS] - self.mean) / self.scale, -MAX_DEVIATION, MAX_DEVIATION)
        return float(self.weights @ deviations) + self.bias


_COLUMNS: Final = np.array([FLOW_NAMES.index(name) for name in FLOW_INPUTS])


def load_flow_expert(folder: Path = WEIGHTS_FOLDER / "paca-detect") -> FlowExpert:
    """Read and check the numbers in `folder`.

    Raises:
        WeightsError: the file is missing, does not match the manifest, or was fitted on other statistics.
    """
    path = load_manifest(folder.name, folder.parent).file("flow")
    try:
        content = path.read_bytes()
        numbers = json.loads(content)
        if tuple(numbers["inputs"]) != FLOW_INPUTS:
            raise WeightsError(f"{path.name} was fitted on other statistics than this version measures.")
        return FlowExpert(
            mean=np.asarray(numbers["mean"], np.float32),
            scale=np.asarray(numbers["scale"], np.float32),
            weights=np.asarray(numbers["weights"], np.float32),
            bias=float(numbers["bias"]),
            sha256=hashlib.sha256(content).hexdigest(),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise WeightsError(f"{path.name} of paca-detect does not hold what the detector needs: {error!r}.") from error
