"""The detectors there are, by name. A new one is one line here; the contract tests find it by itself."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

from inference.core.detection.base import Detector
from inference.core.detection.paca_detect import PacaDetect, PacaDetectConfig
from inference.core.errors import DetectionError


@dataclass(frozen=True, slots=True)
class DetectorEntry:
    """A detector that can be asked for.

    Attributes:
        config: frozen dataclass of its options.
        make: builds it from its config, with the weights that ship.
        make_with: the same with the weights of a folder.
    """

    config: type[Any]
    make: Callable[[Any], Detector]
    make_with: Callable[[Any, Path], Detector]


DETECTORS: Final[dict[str, DetectorEntry]] = {
    "paca-detect": DetectorEntry(PacaDetectConfig, PacaDetect, PacaDetect.from_folder),
}


def create_detector(name: str, *, weights: Path | None = None, **options: Any) -> Detector:
    """Return a new detector; one per camera.

    Args:
        name: one of `DETECTORS`.
        weights: folder of other weights than those that ship.
        options: fields of the detector's config (sensitivity: `threshold`).

    Raises:
        DetectionError: the name, an option or a value is not allowed; says what is.
        WeightsError: its weights are missing or damaged.
    """
    if name not in DETECTORS:
        raise DetectionError(f"The detector must be one of {', '.join(DETECTORS)}, got {name!r}.")
    entry = DETECTORS[name]
    allowed = [field.name for field in fields(entry.config)]
    unknown = sorted(set(options) - set(allowed))
    if unknown:
        raise DetectionError(f"The detector {name!r} has the options {', '.join(allowed)}; got {', '.join(unknown)}.")
    config = entry.config(**options)
    return entry.make(config) if weights is None else entry.make_with(config, weights)
