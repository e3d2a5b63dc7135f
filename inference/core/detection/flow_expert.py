"""The second expert of `paca-detect`: a logistic verdict on how ragged the flow of all silhouettes is.

It looks at those of the `flow_statistics` only that are ratios or shares: recordings play too fast or too slow
and passers-by fill the picture, so speed itself says little about a struggle; limbs and bodies that move against each
other do, at every speed. None may lower the evidence. Weights are plain numbers, fitted on simulated short clips.
"""

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from inference.core.detection.flow_statistics import FLOW_NAMES
from inference.core.detection.model import MAX_DEVIATION
from inference.core.detection.silhouettes import Floats
from inference.core.errors import WeightsError
from inference.core.weights import WEIGHTS_FOLDER, load_manifest


@dataclass(frozen=True, slots=True)
class FlowExpert:
    """A logistic verdict.

    Attributes:
        inputs: names of the K statistics it looks at, out of `FLOW_NAMES`.
        mean, scale, weights: `float32 (K,)`, in the order of `inputs`.
        bias: on one scale with the agitation head (`inference/training/detection/fusing.py`).
        sha256: of the file; empty for numbers just fitted.
    """

    inputs: tuple[str, ...]
    mean: Floats = field(repr=False)
    scale: Floats = field(repr=False)
    weights: Floats = field(repr=False)
    bias: float = 0.0
    sha256: str = ""
    _columns: npt.NDArray[np.intp] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        unknown = sorted(set(self.inputs) - set(FLOW_NAMES))
        if unknown or not self.inputs:
            raise WeightsError(f"The flow expert looks at {', '.join(unknown) or 'nothing'}, which is not measured.")
        for name in ("mean", "scale", "weights"):
            given = getattr(self, name)
            if given.shape != (len(self.inputs),) or not np.isfinite(given).all():
                raise WeightsError(
                    f"`{name}` of the flow expert must be finite ({len(self.inputs)},), got {given.shape}."
                )
        if not np.isfinite(self.bias) or (self.scale <= 0.0).any() or (self.weights < 0.0).any():
            raise WeightsError("The flow expert needs a finite bias, scales above 0 and weights of at least 0.")
        object.__setattr__(self, "_columns", np.array([FLOW_NAMES.index(name) for name in self.inputs]))

    def logit(self, statistics: Floats) -> float:
        """Give the evidence of one moment, 0 is even.

        Args:
            statistics: `float32 (F,)` of `FlowStatistics`.
        """
        deviations = np.clip((statistics[self._columns] - self.mean) / self.scale, -MAX_DEVIATION, MAX_DEVIATION)
        return float(self.weights @ deviations) + self.bias


def load_flow_expert(folder: Path = WEIGHTS_FOLDER / "paca-detect") -> FlowExpert:
    """Read and check the numbers in `folder`.

    Raises:
        WeightsError: the file is missing, does not match the manifest, or was fitted on other statistics.
    """
    path = load_manifest(folder.name, folder.parent).file("flow")
    try:
        content = path.read_bytes()
        numbers = json.loads(content)
        return FlowExpert(
            inputs=tuple(numbers["inputs"]),
            mean=np.asarray(numbers["mean"], np.float32),
            scale=np.asarray(numbers["scale"], np.float32),
            weights=np.asarray(numbers["weights"], np.float32),
            bias=float(numbers["bias"]),
            sha256=hashlib.sha256(content).hexdigest(),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise WeightsError(f"{path.name} of paca-detect does not hold what the detector needs: {error!r}.") from error
