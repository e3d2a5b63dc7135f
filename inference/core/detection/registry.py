"""The detectors there are, by name. A new one is one line here; the contract tests find it by itself."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, Final

from inference.core.detection.base import Detector
from inference.core.detection.paca_detect import PacaDetect, PacaDetectConfig
from inference.core.errors import DetectionError


@dataclass(frozen=True, slots=True)
class DetectorEntry:
    """A detector that can be asked for.

    Attributes:
        config: frozen dataclass of its options.
        make: builds it from its config.
    """

    config: type[Any]
    make: Callable[[Any], Detector]


DETECTORS: Final[dict[str, DetectorEntry]] = {
    "paca-detect": DetectorEntry(PacaDetectConfig, PacaDetect),
}


def create_detector(name: str, **options: Any) -> Detector:
    """Return a new detector; one per camera.

    Args:
        name: one of `DETECTORS`.
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
    return entry.make(entry.config(**options))
