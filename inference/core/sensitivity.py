"""What each threshold of a detector would cost and find: events counted as if each were in force, and a shipped table.

While a camera runs, its scores are followed at every threshold of `THRESHOLDS` at once, with the same hysteresis as the
real one. Only numbers come out: how many events there would have been, and in how many seconds. What share of events a
threshold finds cannot be learnt from ordinary hours; it is measured on held-out simulated incidents and shipped beside
the weights in `found.json`, which counts only for exactly those weights.
"""

import hashlib
import json
import threading
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from inference.core.detection.base import Detection, Detector
from inference.core.detection.episodes import Episode, EpisodeConfig
from inference.core.errors import WeightsError
from inference.core.events import AnomalyEvent
from inference.core.frames import MaskedFrame
from inference.core.weights import WEIGHTS_FOLDER, Manifest, load_manifest

THRESHOLDS: Final = tuple(percent / 100 for percent in range(5, 100, 5))
"""Where the curve is known: .05 to .95."""
FOUND_FILE: Final = "found.json"
LONGEST_STEP_S: Final = 1.0
"""A longer gap between two scores was not watched."""


@dataclass(frozen=True, slots=True)
class HourTally:
    """What was counted within one hour of the clock, or within a part of it.

    Attributes:
        hour: its start, aware.
        observed_s: seconds of masked video that were scored.
        events: so many events would have started at each of `THRESHOLDS`.
    """

    hour: datetime
    observed_s: float
    events: tuple[int, ...]


class ThresholdTally:
    """Counts the events of one camera at every threshold; what was counted may be taken from another thread."""

    def __init__(self) -> None:
        self._episodes = [Episode(EpisodeConfig(threshold=threshold)) for threshold in THRESHOLDS]
        self._last_s: float | None = None
        self._hours: dict[datetime, tuple[float, list[int]]] = {}
        self._lock = threading.Lock()

    def reset(self) -> None:
        """The picture broke off: running events end, as in the detector."""
        for episode in self._episodes:
            episode.reset()
        self._last_s = None

    def add(self, score: float, pts_s: float, captured_at: datetime) -> None:
        """Take the score (0-1) of a moment; stream time advances."""
        hour = captured_at.replace(minute=0, second=0, microsecond=0)
        step_s = 0.0 if self._last_s is None else min(LONGEST_STEP_S, pts_s - self._last_s)
        self._last_s = pts_s
        starts = [int(episode.update(score, pts_s) == "started") for episode in self._episodes]
        with self._lock:
            observed_s, events = self._hours.get(hour, (0.0, [0] * len(THRESHOLDS)))
            self._hours[hour] = (observed_s + step_s, [a + b for a, b in zip(events, starts, strict=True)])

    def take(self) -> list[HourTally]:
        """Give what was counted since the last call, by hour, and count anew from here."""
        with self._lock:
            taken, self._hours = self._hours, {}
        return [HourTally(hour, observed_s, tuple(events)) for hour, (observed_s, events) in taken.items()]


class TalliedDetector:
    """A detector whose scores are counted at every threshold on the way; meets `Detector` itself."""

    def __init__(self, detector: Detector) -> None:
        self._detector = detector
        self.tally = ThresholdTally()
        self._last_s = float("-inf")

    @property
    def fingerprint(self) -> str:
        """That of the detector inside."""
        return self._detector.fingerprint

    def update(self, frame: MaskedFrame) -> Detection:
        """Pass the frame on and count its score; what breaks the detector's events off breaks these off too."""
        detection = self._detector.update(frame)
        if frame.withheld or frame.discontinuity or frame.pts_s <= self._last_s:
            self.tally.reset()
        if not frame.withheld:
            self.tally.add(detection.score, frame.pts_s, frame.captured_at)
            self._last_s = frame.pts_s
        return detection

    def finish(self) -> tuple[AnomalyEvent, ...]:
        """End running events."""
        self.tally.reset()
        self._last_s = float("-inf")
        return self._detector.finish()


@dataclass(frozen=True, slots=True)
class FoundTable:
    """What share of held-out simulated incidents each threshold finds.

    Attributes:
        weights: identity of the weights it was measured with, from `weights_identity`.
        events: how many incidents.
        found: share (0-1) at each of `THRESHOLDS`.
        command: what measured it.
    """

    weights: str
    events: int
    found: tuple[float, ...]
    command: str

    def __post_init__(self) -> None:
        if len(self.found) != len(THRESHOLDS) or not all(0.0 <= share <= 1.0 for share in self.found):
            raise WeightsError(f"`found` must be {len(THRESHOLDS)} shares from 0 to 1, got {self.found}.")
        if self.events < 1:
            raise WeightsError(f"`events` must be at least 1, got {self.events}.")


def weights_identity(manifest: Manifest) -> str:
    """Give 12 hex digits that stand for all files of the weights together."""
    digests = sorted(str(file["sha256"]) for file in manifest.content["files"].values())
    return hashlib.sha256(";".join(digests).encode()).hexdigest()[:12]


def load_found(name: str, folder: Path = WEIGHTS_FOLDER) -> FoundTable | None:
    """Read the table beside the weights `name`; None where there is none, or one of other weights.

    Raises:
        WeightsError: the manifest or the table is damaged.
    """
    manifest = load_manifest(name, folder)
    path = manifest.folder / FOUND_FILE
    if not path.is_file():
        return None
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        table = FoundTable(
            weights=str(content["weights"]),
            events=int(content["events"]),
            found=tuple(float(share) for share in content["found"]),
            command=str(content["command"]),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WeightsError(f"{path.name} of {name} cannot be used: {error!r}.") from error
    return table if table.weights == weights_identity(manifest) else None
