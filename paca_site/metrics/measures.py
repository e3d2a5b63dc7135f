"""What each process measures by itself; `publishing` brings it to the one page that Prometheus reads.

No label names a person, a camera or an event: stages and reasons only, so that the number of series is bounded.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics

MOST_REASONS: Final = 24
OTHER: Final = "other reasons"
STAGES: Final = ("wait", "mask", "detect", "record", "publish", "push")
ENDS: Final = ("masked", "stored", "decided")

disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series for each, which nobody reads
REGISTRY: Final = CollectorRegistry()
STAGE_SECONDS: Final = Histogram(
    "paca_stage_seconds",
    "Time spent in one stage of the line: wait (decoded, not yet taken), mask, detect, record, publish, push.",
    ["stage"],
    buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.5, 1, 3),
    registry=REGISTRY,
)
DELAY_SECONDS: Final = Histogram(
    "paca_delay_seconds",
    "Time from the moment itself: capture to masked frame, event to stored alert, stored alert to decision.",
    ["until"],
    buckets=(0.05, 0.1, 0.2, 0.35, 0.5, 1, 2, 3, 5, 10, 30, 60, 180, 600, 1800, 7200),
    registry=REGISTRY,
)
WITHHELD_FRAMES: Final = Counter(
    "paca_withheld_frames", "Frames that could not be masked with certainty, by reason.", ["reason"], registry=REGISTRY
)
COVERED_RATIO: Final = Histogram(
    "paca_covered_ratio",
    "Share of a masked frame's area that is covered.",
    buckets=(0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 0.95),
    registry=REGISTRY,
)
_reasons: set[str] = set()


@contextmanager
def stage_timed(stage: str) -> Iterator[None]:
    """Measure what happens inside, whether it succeeds or not."""
    started_s = time.perf_counter()
    try:
        yield
    finally:
        STAGE_SECONDS.labels(stage).observe(time.perf_counter() - started_s)


def withheld_count(reason: str) -> None:
    """Count a withheld frame; digits are left out and what is not among the first reasons is counted together."""
    words = "".join(letter for letter in reason if not letter.isdigit())[:80]
    if words not in _reasons:
        if len(_reasons) >= MOST_REASONS:
            words = OTHER
        _reasons.add(words)
    WITHHELD_FRAMES.labels(words).inc()
