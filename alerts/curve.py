"""The score curve under the clip: on the clip's own time axis where there is a clip."""

from dataclasses import dataclass

from alerts.models import Alert, ClipState

WIDTH, HEIGHT = 1000.0, 100.0


@dataclass(frozen=True, slots=True)
class Curve:
    """What the curve's template draws, in a box of `WIDTH` by `HEIGHT`; scores grow upwards.

    Attributes:
        line: points of the score line.
        area: the same, closed along the bottom.
        threshold_y: height of the line at which this camera calls.
        start_x, end_x: where the event starts and ends.
        first_s, last_s: the axis in seconds from the event's start; the clip's zero is `first_s`.
    """

    line: str
    area: str
    threshold_y: float
    start_x: float
    end_x: float
    first_s: float
    last_s: float

    @property
    def event_width(self) -> float:
        """Width of the event's stretch."""
        return max(0.0, self.end_x - self.start_x)


def score_curve(alert: Alert) -> Curve | None:
    """Return the curve of an alert, or None where no scores were kept."""
    samples = sorted((float(offset), min(1.0, max(0.0, float(score)))) for offset, score in alert.scores)
    if len(samples) < 2:
        return None
    first_s, last_s = samples[0][0], samples[-1][0]
    if alert.clip_state == ClipState.READY and alert.clip_started_at and alert.clip_duration_s:
        first_s = (alert.clip_started_at - alert.started_at).total_seconds()
        last_s = first_s + alert.clip_duration_s
    span = max(0.1, last_s - first_s)

    def x(offset_s: float) -> float:
        return (offset_s - first_s) / span * WIDTH

    inside = [(offset, score) for offset, score in samples if first_s <= offset <= last_s]
    if len(inside) < 2:
        return None
    points = [f"{x(offset):.1f},{HEIGHT * (1 - score):.1f}" for offset, score in inside]
    ended_s = (alert.ended_at - alert.started_at).total_seconds() if alert.ended_at else last_s
    return Curve(
        line=" ".join(points),
        area=" ".join([f"{x(inside[0][0]):.1f},{HEIGHT}", *points, f"{x(inside[-1][0]):.1f},{HEIGHT}"]),
        threshold_y=HEIGHT * (1 - alert.threshold),
        start_x=min(WIDTH, max(0.0, x(0.0))),
        end_x=min(WIDTH, max(0.0, x(ended_s))),
        first_s=first_s,
        last_s=last_s,
    )
