"""From class maps to a judgement of each moment: measure, pool, score, say where and why. No events are made here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from inference.core.detection.bodies import describe_bodies
from inference.core.detection.facts import FactWindow, choose_kind, find_region
from inference.core.detection.features import FeatureStream
from inference.core.detection.flow_expert import FlowExpert
from inference.core.detection.flow_statistics import FlowStatistics
from inference.core.detection.lasting import ORDINARY_LOGIT, Lasting
from inference.core.detection.mask_flow import MaskFlow
from inference.core.detection.model import Model
from inference.core.detection.pooling import Pool
from inference.core.detection.silhouettes import Floats, Grid
from inference.core.detection.usual import Usual
from inference.core.errors import DetectionError
from inference.core.events import EventKind, Polygon

SETTLE_S: Final = 0.8
"""No score for so long after a start: too few moments to tell movement from the arrival of a picture."""

SEVERAL: Final = 3
FLOW_SHARE: Final = 0.5
"""Weight of the second expert in the evidence of agitation."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is thought of one moment.

    Attributes:
        time_s: stream time.
        score: anomaly score, 0-1.
        heads: score of each kind, 0-1.
        kind: what it would be.
        region: where.
        facts: as `FactWindow` gives them.
        pooled: `float32 (F,)` the measurements of the last two seconds.
        bodies: `float32 (N, 6)` every silhouette, as `describe_bodies` gives them: what a camera's normality looks at.
    """

    time_s: float
    score: float
    heads: Mapping[str, float]
    kind: EventKind
    region: Polygon
    facts: Mapping[str, float]
    pooled: Floats = field(repr=False)
    bodies: Floats = field(repr=False)


class Scorer:
    """Judges the moments of one camera, causally."""

    def __init__(self, model: Model, flow: FlowExpert | None = None) -> None:
        """Judge with `model`, and with the second expert `flow`; None is for measuring the first one alone."""
        if model.inputs != Pool.NAMES:
            raise DetectionError(
                "The weights of paca-detect were trained on other features than this version measures."
            )
        self._model = model
        self._mask_flow, self._stream, self._pool, self._facts = MaskFlow(), FeatureStream(), Pool(), FactWindow()
        self._usual, self._lasting = Usual(model.usual), Lasting(model.heads)
        self._flow, self._statistics = flow, FlowStatistics()
        self._first_s: float | None = None

    def reset(self) -> None:
        """Forget everything learnt from earlier frames."""
        self._mask_flow.reset()
        self._stream.reset()
        self._pool.reset()
        self._facts.reset()
        self._usual.reset()
        self._lasting.reset()
        self._statistics.reset()
        self._first_s = None

    def _hold_few(self, logits: Floats, facts: Mapping[str, float]) -> Floats:
        """Hold the evidence of a dispersal at even while fewer than `SEVERAL` move fast: a cyclist is none."""
        if "dispersal" in self._model.heads and facts["fast_people"] < SEVERAL:
            index = self._model.heads.index("dispersal")
            logits[index] = min(float(logits[index]), 0.0)
        return logits

    def _fuse(self, logits: Floats, statistics: Floats | None) -> Floats:
        """Join the two experts' evidence of agitation: their mean, as both stand on one scale."""
        if self._flow is None or "agitation" not in self._model.heads:
            return logits
        index = self._model.heads.index("agitation")
        ragged = ORDINARY_LOGIT if statistics is None else self._flow.logit(statistics)
        logits[index] = FLOW_SHARE * ragged + (1.0 - FLOW_SHARE) * logits[index]
        return logits

    def update(self, class_map: Grid, time_s: float, people: int) -> Judgement | None:
        """Judge one moment; None while nothing can be said.

        Args:
            class_map: `uint8 (h, w)` of a masked frame.
            time_s: stream time in seconds, later than before.
            people: people the masker sees now.
        """
        if self._first_s is None:
            self._first_s = time_s
        look = self._mask_flow.update(class_map, time_s)
        statistics = None if self._flow is None else self._statistics.update(look)
        moment = self._stream.measure(look)
        if moment is None:
            return None
        pooled = self._pool.update(moment)
        facts = self._facts.update(moment, people)
        logits = self._fuse(self._hold_few(self._model.logits(pooled), facts), statistics)
        logits = self._lasting.update(logits, time_s)
        scores = 1.0 / (1.0 + np.exp(self._usual.excess(logits, time_s) - logits))
        heads = {name: float(score) for name, score in zip(self._model.heads, scores, strict=True)}
        # Nobody in the picture, nothing unusual: the heads never learnt what an empty scene is.
        is_judged = time_s - self._first_s >= SETTLE_S and facts["people"] >= 1
        kind = choose_kind(heads, facts)
        return Judgement(
            time_s=time_s,
            score=max(heads.values()) if is_judged else 0.0,
            heads=heads,
            kind=kind,
            region=find_region(moment, kind),
            facts=facts,
            pooled=pooled,
            bodies=describe_bodies(moment, look.vehicles),
        )
