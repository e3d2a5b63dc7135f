"""Writes the `AnomalyEvent`s of one running event: started, ongoing (at most once a second), ended."""

import uuid
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from inference.core.detection.sentence import make_sentence
from inference.core.events import AnomalyEvent, EventKind, Phase, Polygon, RegionSample, ScoreSample

SAMPLE_GAP_S = 0.1
"""At most 10 samples a second."""
KEEP_S = 60.0
LEAD_IN_S = 5.0
"""Scores before the start show the operator how fast it rose."""
ONGOING_GAP_S = 1.0


@dataclass(frozen=True, slots=True)
class Reading:
    """What the detector says about one moment, before events are made of it.

    Attributes:
        time_s: stream time.
        captured_at: wall time of capture, aware.
        score: 0-1.
        kind: what it would be.
        region: where.
        facts: as `FactWindow` gives them.
    """

    time_s: float
    captured_at: datetime
    score: float
    kind: EventKind
    region: Polygon
    facts: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Origin:
    """What stays the same in all events of a detector."""

    threshold: float
    language: str
    masker: str
    detector: str


class ScoreTrace:
    """Scores and regions of the last minute, thinned to 10 a second; times are stream seconds."""

    def __init__(self) -> None:
        self.scores: deque[tuple[float, float]] = deque()
        self.regions: deque[tuple[float, Polygon]] = deque()

    def add(self, reading: Reading) -> None:
        """Take a moment."""
        if self.scores and reading.time_s - self.scores[-1][0] < SAMPLE_GAP_S - 1e-6:
            return
        self.scores.append((reading.time_s, reading.score))
        self.regions.append((reading.time_s, reading.region))
        while reading.time_s - self.scores[0][0] > KEEP_S:
            self.scores.popleft()
            self.regions.popleft()


class RunningEvent:
    """One event from start to end: the same id in every report."""

    def __init__(self, origin: Origin, started_s: float, reading: Reading, trace: ScoreTrace) -> None:
        self._origin = origin
        self._trace = trace
        self._started_s = started_s
        self._started_at = reading.captured_at - timedelta(seconds=reading.time_s - started_s)
        self._event_id = uuid.uuid4().hex
        self._peak = self._latest = reading
        self._reported_s = reading.time_s

    def update(self, reading: Reading) -> bool:
        """Take the next moment; say whether it is time for an `ongoing` report."""
        self._latest = reading
        if reading.score > self._peak.score:
            self._peak = reading
        if reading.time_s - self._reported_s < ONGOING_GAP_S - 1e-6:
            return False
        self._reported_s = reading.time_s
        return True

    def report(self, phase: Phase, confidence: float, ended_s: float | None = None) -> AnomalyEvent:
        """Say what is known.

        Args:
            phase: `started`, `ongoing` or `ended`.
            confidence: calibrated, 0-100 %.
            ended_s: stream time of the end; only for `ended`.
        """
        until_s = self._latest.time_s if ended_s is None else ended_s
        # The peak is the moment to describe; what lasts (somebody down) is described as it is now.
        facts = dict(self._peak.facts)
        facts["down_s"] = max(facts["down_s"], self._latest.facts["down_s"])
        facts["duration_s"] = max(0.0, until_s - self._started_s)
        origin = self._origin
        return AnomalyEvent(
            event_id=self._event_id,
            phase=phase,
            kind=self._peak.kind,
            started_at=self._started_at,
            peak_at=self._peak.captured_at,
            score=self._peak.score,
            confidence=confidence,
            threshold=origin.threshold,
            sentence=make_sentence(self._peak.kind, facts, origin.language),
            facts={name: round(value, 3) for name, value in facts.items()},
            region=self._peak.region,
            regions=tuple(
                RegionSample(round(at_s - self._started_s, 3), region)
                for at_s, region in self._trace.regions
                if self._started_s <= at_s <= until_s + 1e-6
            ),
            scores=tuple(
                ScoreSample(round(at_s - self._started_s, 3), round(score, 4))
                for at_s, score in self._trace.scores
                if at_s >= self._started_s - LEAD_IN_S
            ),
            masker=origin.masker,
            detector=origin.detector,
            ended_at=None if ended_s is None else self._started_at + timedelta(seconds=facts["duration_s"]),
        )

    @property
    def peak_score(self) -> float:
        """Highest score so far, 0-1."""
        return self._peak.score
