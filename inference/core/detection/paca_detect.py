"""`paca-detect`: the first detector on masked video.

Method: mask motion, tracklet and pair features of the last two seconds (`features.py`) → one logistic head per kind of
event, trained on simulated scenes whose masks are corrupted like a masker's (`inference/training/detection`) → the
highest head is the score → hysteresis → events, with a calibrated confidence and a sentence made of the measured facts.
Source: own; weights Apache-2.0, no real footage was used to train them.
Limits: it sees movement of silhouettes only. Thefts, weapons, fire and smoke are invisible to it, and so is everything
that looks like ordinary walking or standing. In dense crowds silhouettes merge and only the dense motion is left. A
vehicle among people changes the kind of an event but raises none by itself. Figures: `docs/cards/paca-detect.md`.
"""

import hashlib
from dataclasses import dataclass, fields
from math import isfinite
from pathlib import Path
from typing import Final

from inference.core.detection.base import Detection
from inference.core.detection.episodes import Episode, EpisodeConfig
from inference.core.detection.flow_expert import FlowExpert, load_flow_expert
from inference.core.detection.model import Model, load_model
from inference.core.detection.reporting import Origin, Reading, RunningEvent, ScoreTrace
from inference.core.detection.scorer import Scorer
from inference.core.detection.sentence import vocabulary
from inference.core.errors import DetectionError
from inference.core.events import AnomalyEvent
from inference.core.frames import PERSON, MaskedFrame, require_masked

NAME: Final = "paca-detect"


@dataclass(frozen=True, slots=True)
class PacaDetectConfig:
    """How sensitive the detector is and how scores become events.

    Attributes:
        threshold: score (0-1) from which an operator is called, per camera; None takes the default of the weights.
        persistence_s: the score must have been above the threshold for so long.
        end_s: an event ends after so long without.
        max_s: longest event; what goes on is then not reported again until it has calmed down.
        cool_down_s: no new event for so long after an end.
        language: of the sentences, `en` or `nb`.
        masker: fingerprint of the masker that made the frames, stored with events.
    """

    threshold: float | None = None
    persistence_s: float = 0.8
    end_s: float = 3.0
    max_s: float = 60.0
    cool_down_s: float = 8.0
    language: str = "en"
    masker: str = ""

    def __post_init__(self) -> None:
        if self.threshold is not None and not 0.0 < self.threshold < 1.0:
            raise DetectionError(f"`threshold` must be between 0 and 1, got {self.threshold}.")
        for name in ("persistence_s", "end_s", "max_s", "cool_down_s"):
            given = getattr(self, name)
            if not isfinite(given) or not 0.0 <= given <= 600.0:
                raise DetectionError(f"`{name}` must be a number of seconds from 0 to 600, got {given!r}.")
        if self.language not in vocabulary():
            raise DetectionError(f"`language` must be one of {', '.join(sorted(vocabulary()))}, got {self.language!r}.")


class PacaDetect:
    """Scores the masked frames of one camera, causally; meets `Detector`."""

    def __init__(self, config: PacaDetectConfig, model: Model | None = None, flow: FlowExpert | None = None) -> None:
        self._config = config
        self._model = model if model is not None else load_model()
        self.threshold = config.threshold if config.threshold is not None else self._model.threshold
        # A model given from outside is judged with the second expert that belongs to it, or alone.
        flow = load_flow_expert() if model is None else flow
        self._fingerprint = _fingerprint(config, self._model, flow)
        self._scorer = Scorer(self._model, flow)
        self._episode = Episode(
            EpisodeConfig(
                threshold=self.threshold,
                persistence_s=config.persistence_s,
                end_s=config.end_s,
                max_s=config.max_s,
                cool_down_s=config.cool_down_s,
            )
        )
        self._trace = ScoreTrace()
        self._running: RunningEvent | None = None
        self._last_s = float("-inf")

    @classmethod
    def from_folder(cls, config: PacaDetectConfig, folder: Path) -> "PacaDetect":
        """Return a detector with both experts of the weights in `folder`.

        Raises:
            WeightsError: a file is missing, damaged, or not what the manifest says.
        """
        return cls(config, load_model(folder), load_flow_expert(folder))

    @property
    def fingerprint(self) -> str:
        """Weights and settings in one short hex string."""
        return self._fingerprint

    def update(self, frame: MaskedFrame) -> Detection:
        """Take the next masked frame.

        A withheld frame, a discontinuity or time that does not advance ends a running event and forgets all motion.

        Raises:
            TypeError: `frame` is not masked.
        """
        frame = require_masked(frame)
        is_broken = bool(frame.withheld) or frame.discontinuity or self._is_backwards(frame.pts_s)
        events = self._forget() if is_broken else ()
        if frame.withheld:
            return Detection(score=0.0, region=None, events=events)
        self._last_s = frame.pts_s
        people = int(((frame.tracks.classes == PERSON) & ~frame.tracks.is_held).sum())
        judged = self._scorer.update(frame.class_map, frame.pts_s, people)
        if judged is None:
            return Detection(score=0.0, region=None, events=events)
        reading = Reading(frame.pts_s, frame.captured_at, judged.score, judged.kind, judged.region, judged.facts)
        self._trace.add(reading)
        region = reading.region if reading.score >= self.threshold * 0.7 else None
        return Detection(score=reading.score, region=region, events=events + self._follow(reading))

    def finish(self) -> tuple[AnomalyEvent, ...]:
        """End a running event (end of stream)."""
        return self._forget()

    def _is_backwards(self, pts_s: float) -> bool:
        return pts_s <= self._last_s

    def _follow(self, reading: Reading) -> tuple[AnomalyEvent, ...]:
        change = self._episode.update(reading.score, reading.time_s)
        if change == "started" and self._episode.started_s is not None:
            origin = Origin(self.threshold, self._config.language, self._config.masker, self._fingerprint)
            self._running = RunningEvent(origin, self._episode.started_s, reading, self._trace)
            return (self._running.report("started", self._model.confidence(reading.score)),)
        if self._running is None:
            return ()
        is_time = self._running.update(reading)
        confidence = self._model.confidence(self._running.peak_score)
        if change == "ended":
            event = self._running.report("ended", confidence, self._episode.ended_s)
            self._running = None
            return (event,)
        return (self._running.report("ongoing", confidence),) if is_time else ()

    def _forget(self) -> tuple[AnomalyEvent, ...]:
        """End a running event where it is and start anew."""
        events: tuple[AnomalyEvent, ...] = ()
        if self._running is not None:
            confidence = self._model.confidence(self._running.peak_score)
            events = (self._running.report("ended", confidence, self._last_s),)
        self._running, self._last_s = None, float("-inf")
        self._trace = ScoreTrace()
        self._scorer.reset()
        self._episode.reset()
        return events


def _fingerprint(config: PacaDetectConfig, model: Model, flow: FlowExpert | None) -> str:
    settings = ";".join(f"{field.name}={getattr(config, field.name)!r}" for field in fields(config))
    return hashlib.sha256(f"{NAME};{model.sha256};{flow and flow.sha256};{settings}".encode()).hexdigest()[:12]
