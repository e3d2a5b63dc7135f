"""What a detector is: it sees masked frames only and says when something unusual happens, where and how surely."""

from dataclasses import dataclass
from typing import Protocol

from inference.core.events import AnomalyEvent, Polygon
from inference.core.frames import MaskedFrame


@dataclass(frozen=True, slots=True)
class Detection:
    """A detector's word on one frame.

    Attributes:
        score: anomaly score of this moment, 0-1.
        region: where, if anywhere.
        events: events that started, went on or ended with this frame.
    """

    score: float
    region: Polygon | None
    events: tuple[AnomalyEvent, ...] = ()


class Detector(Protocol):
    """Scores a stream of masked frames, causally."""

    @property
    def fingerprint(self) -> str:
        """Weights and settings in one short hex string."""

    def update(self, frame: MaskedFrame) -> Detection:
        """Take the next masked frame. A withheld frame or a discontinuity ends running events and forgets motion."""

    def finish(self) -> tuple[AnomalyEvent, ...]:
        """End running events (end of stream)."""
