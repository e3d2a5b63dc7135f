"""What the machine says: an anomaly event, in neutral words and numbers. An operator sees it as an alert."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from math import isfinite
from typing import Literal

from inference.core.frames import check_aware

EventKind = Literal["unusual-movement", "dispersal", "person-on-ground", "vehicle-among-people"]
Phase = Literal["started", "ongoing", "ended"]
Polygon = tuple[tuple[float, float], ...]
"""Corner points (x, y), each 0-1 of the frame's width and height."""


@dataclass(frozen=True, slots=True)
class ScoreSample:
    """The anomaly score at one moment: seconds since the event's start (negative before it) and 0-1."""

    offset_s: float
    score: float


@dataclass(frozen=True, slots=True)
class RegionSample:
    """Where the event is at one moment."""

    offset_s: float
    polygon: Polygon


@dataclass(frozen=True, slots=True)
class AnomalyEvent:
    """One unusual event, as far as it is known now. The same `event_id` comes again as the event goes on and ends.

    Attributes:
        event_id: UUID hex, made when the event starts; the key that keeps an alert from being doubled.
        phase: `started` once, then `ongoing` (at most once a second), then `ended` once.
        kind: what was measured, never what it means in law.
        started_at, ended_at: wall time of capture, aware; `ended_at` is None until the end.
        peak_at: moment of the highest score so far.
        score: highest anomaly score so far, 0-1, uncalibrated.
        confidence: calibrated, 0-100 %.
        threshold: the score at which this camera calls an operator, 0-1.
        sentence: neutral words made from `facts`.
        facts: the measurements behind the sentence (people, speed in body heights per second, ...).
        region: where, at the peak.
        regions, scores: the same over time, at most 10 samples a second, newest 60 s.
        masker, detector: fingerprints.
    """

    event_id: str
    phase: Phase
    kind: EventKind
    started_at: datetime
    peak_at: datetime
    score: float
    confidence: float
    threshold: float
    sentence: str
    facts: Mapping[str, float]
    region: Polygon
    regions: tuple[RegionSample, ...] = field(repr=False)
    scores: tuple[ScoreSample, ...] = field(repr=False)
    masker: str
    detector: str
    ended_at: datetime | None = None

    def __post_init__(self) -> None:
        check_aware(self.started_at, "started_at")
        check_aware(self.peak_at, "peak_at")
        if not 0.0 <= self.score <= 1.0:
            raise ValueError(f"`score` must be 0-1, got {self.score}.")
        if not 0.0 <= self.confidence <= 100.0:
            raise ValueError(f"`confidence` must be 0-100, got {self.confidence}.")
        if len(self.region) < 3:
            raise ValueError(f"`region` must have at least 3 corners, got {len(self.region)}.")
        # NaN and infinity are no JSON: the database would refuse the whole event
        for name, value in self.facts.items():
            if not isfinite(value):
                raise ValueError(f"`facts[{name!r}]` must be finite, got {value}.")
        for sample in self.scores:
            if not (isfinite(sample.offset_s) and isfinite(sample.score)):
                raise ValueError(f"`scores` must be finite, got {sample}.")
        if not all(isfinite(part) for polygon in self._polygons() for corner in polygon for part in corner):
            raise ValueError("`region` and `regions` must be finite.")

    def _polygons(self) -> tuple[Polygon, ...]:
        return (self.region, *(sample.polygon for sample in self.regions))

    @property
    def duration_s(self) -> float | None:
        """Seconds from start to end; None while the event goes on."""
        return None if self.ended_at is None else (self.ended_at - self.started_at).total_seconds()
