"""How a running line is doing: small meters, and the snapshot made of them."""

import time
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median
from typing import Final

RATE_WINDOW_S: Final = 5.0
SAMPLES: Final = 200
MAX_REASONS: Final = 12
OTHER: Final = "other reasons"


@dataclass(frozen=True, slots=True)
class PipelineHealth:
    """One camera's line at one moment. Every count is since the start of this run.

    Attributes:
        at: when this was taken.
        state: of the source: `connecting`, `live`, `ended`, `lost: <reason>`.
        last_frame_at: when the newest frame was received.
        fps_in, fps_out: frames per second received and masked, over the last 5 s.
        decoded, dropped, masked, withheld: frames received; never looked at; shown masked; filled.
            withheld_by_reason: the same by reason, in words.
    damaged, reconnects: frames that could not be decoded whole; how often the source was reopened.
        lag_ms, lag_p95_ms: from capture to masked, median and 95th percentile of the last 200 frames.
        mask_ms, detect_ms: medians; `mask_ms` is what this process waited for the masker.
        sink_ms: median by sink.
        masking, detector: `ok`, `off` (detector only) or `down: <reason>`.
        sinks: by name, `ok` or `down: <reason>`.
        events_raised, events_pending: handed over; waiting because the receiver refused them.
    """

    at: datetime
    state: str
    last_frame_at: datetime | None
    fps_in: float
    fps_out: float
    decoded: int
    dropped: int
    masked: int
    withheld: int
    withheld_by_reason: Mapping[str, int]
    damaged: int
    reconnects: int
    lag_ms: float
    lag_p95_ms: float
    mask_ms: float
    detect_ms: float
    sink_ms: Mapping[str, float]
    masking: str
    detector: str
    sinks: Mapping[str, str]
    events_raised: int
    events_pending: int

    @property
    def reasons(self) -> tuple[str, ...]:
        """What is wrong now, in words; empty if nothing is."""
        masking = self.masking.replace("down: masking down: ", "down: ", 1)  # a withheld frame says the word as well
        parts = {"Masking": masking, "Detector": self.detector, **self.sinks}
        reasons = [f"{name} {text}" for name, text in parts.items() if text.startswith("down")]
        if self.state.startswith("lost"):
            reasons.insert(0, f"Camera {self.state}")
        if self.events_pending:
            reasons.append(f"{self.events_pending} events wait to be handed over")
        return tuple(reasons)


@dataclass(slots=True)
class Reasons:
    """How often something happened, by reason; what is not among the first `MAX_REASONS` is counted together."""

    _counts: Counter[str] = field(default_factory=Counter)

    def count(self, reason: str) -> None:
        """Note one case."""
        is_known = reason in self._counts or len(self._counts) < MAX_REASONS
        self._counts[reason if is_known else OTHER] += 1

    @property
    def counts(self) -> Mapping[str, int]:
        """A copy, by reason."""
        return dict(self._counts)


@dataclass(slots=True)
class Rate:
    """Events per second over the last seconds."""

    _times: deque[float] = field(default_factory=deque)
    _started_s: float = field(default_factory=time.monotonic)

    def count(self) -> None:
        """Note one event, now."""
        self._times.append(time.monotonic())

    @property
    def per_s(self) -> float:
        """Events per second over `RATE_WINDOW_S`, or since the start if that is shorter."""
        now_s = time.monotonic()
        while self._times and now_s - self._times[0] > RATE_WINDOW_S:
            self._times.popleft()
        return len(self._times) / max(0.2, min(RATE_WINDOW_S, now_s - self._started_s))


@dataclass(slots=True)
class Meter:
    """The newest `SAMPLES` values of one measurement."""

    _values: deque[float] = field(default_factory=lambda: deque(maxlen=SAMPLES))

    def add(self, value: float) -> None:
        """Note one value."""
        self._values.append(value)

    @property
    def median(self) -> float:
        """0 if nothing was measured yet."""
        return median(self._values) if self._values else 0.0

    @property
    def p95(self) -> float:
        """0 if nothing was measured yet."""
        if not self._values:
            return 0.0
        ordered = sorted(self._values)
        return ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
