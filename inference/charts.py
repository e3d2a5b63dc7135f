"""Small charts of the last day as SVG lines, drawn on the server."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import fmean
from typing import Final

from inference.models import SystemSample

SPAN: Final = timedelta(hours=24)
STEP: Final = timedelta(minutes=5)
GAP: Final = timedelta(minutes=12)
"""A line is broken where nothing was measured for longer than this: a gap is not a value."""
WIDTH, HEIGHT, MARGIN = 1000.0, 100.0, 4.0
GIB: Final = float(1 << 30)

Point = tuple[datetime, float]


@dataclass(frozen=True, slots=True)
class Chart:
    """One measure over the last day.

    Attributes:
        title, unit: what is drawn.
        lines: points of each unbroken line, as SVG wants them, in a box of 1000 x 100.
        now, low, high: newest, lowest and highest of the values drawn; None where there is none.
    """

    title: str
    unit: str
    lines: tuple[str, ...]
    now: float | None
    low: float | None
    high: float | None

    @property
    def words(self) -> str:
        """The chart for those who do not see it."""
        if self.now is None or self.low is None or self.high is None:
            return f"{self.title}: nothing measured in the last 24 hours"
        told = f"now {self.now:.1f}, lowest {self.low:.1f}, highest {self.high:.1f} {self.unit}".rstrip()
        return f"{self.title} over the last 24 hours: {told}"


def draw_chart(title: str, unit: str, points: Sequence[Point], now: datetime) -> Chart:
    """Draw points in order of time, averaged over `STEP`; the axis begins at 0 and `SPAN` ago."""
    told = _averaged(points, now - SPAN)
    if not told:
        return Chart(title, unit, (), None, None, None)
    values = [value for _, value in told]
    top = max(*values, 0.0) or 1.0
    lines: list[list[str]] = [[]]
    before: datetime | None = None
    for at, value in told:
        if before is not None and at - before > GAP:
            lines.append([])
        before = at
        x = (1 - (now - at) / SPAN) * WIDTH
        y = HEIGHT - MARGIN - max(0.0, value) / top * (HEIGHT - 2 * MARGIN)
        lines[-1].append(f"{min(max(x, 0.0), WIDTH):.0f},{y:.1f}")
    drawn = tuple(" ".join(line if len(line) > 1 else line * 2) for line in lines)
    return Chart(title, unit, drawn, points[-1][1], min(values), max(values))


def _averaged(points: Iterable[Point], since: datetime) -> list[Point]:
    """Return the mean of each `STEP` that has a value, at the middle of its points."""
    steps: dict[int, list[Point]] = {}
    for at, value in points:
        if at >= since:
            steps.setdefault(int(at.timestamp() // STEP.total_seconds()), []).append((at, value))
    return [(group[len(group) // 2][0], fmean(value for _, value in group)) for _, group in sorted(steps.items())]


def system_charts(samples: Sequence[SystemSample], now: datetime) -> list[Chart]:
    """Return the charts of the system page, from samples in order of time."""

    def level(title: str, unit: str, value: Callable[[SystemSample], float]) -> Chart:
        return draw_chart(title, unit, [(sample.at, value(sample)) for sample in samples], now)

    def growth(title: str, total: Callable[[SystemSample], int]) -> Chart:
        """Draw by how much a count that only grows has grown in each minute; it falls where a camera was removed."""
        points = [
            (after.at, max(0, total(after) - total(before)) / ((after.at - before.at).total_seconds() / 60))
            for before, after in pairwise(samples)
            if after.at - before.at <= GAP
        ]
        return draw_chart(title, "a minute", points, now)

    return [
        level("Cameras live", "", lambda sample: sample.cameras_live),
        level("Frames masked", "fps", lambda sample: sample.fps_masked),
        growth("Frames withheld", lambda sample: sample.frames_withheld),
        growth("Frames dropped", lambda sample: sample.frames_dropped),
        level("Masking", "ms", lambda sample: sample.mask_ms),
        level("Detection", "ms", lambda sample: sample.detect_ms),
        level("Delay of the slowest camera", "ms", lambda sample: sample.lag_ms),
        level("Tasks waiting", "", lambda sample: sample.streams_waiting + sample.tasks_waiting),
        level("Disk free", "GiB", lambda sample: sample.disk_free_bytes / GIB),
    ]
