"""What a masked film held, second by second: how many people, how much of the picture, what was withheld."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from statistics import median
from typing import Any, Final

import numpy as np

from inference.core.frames import BACKGROUND, PERSON, MaskedFrame
from inference.core.masking.paca_seg_config import SILHOUETTE_COLOUR

GRID_PX: Final = 2
"""The covered share is counted on every second pixel each way: a quarter of the work, the same share."""
RECENT: Final = 1000
"""Frames whose masking time is remembered, so that memory does not grow with the film."""


@dataclass(slots=True)
class _Second:
    """One second of stream time."""

    second: int
    frames: int = 0
    withheld: int = 0
    seen: float = 0.0
    covered: float = 0.0
    people: set[int] = field(default_factory=set)


class Account:
    """Counts masked frames, oldest first; holds one row a second until `values` is asked for."""

    def __init__(self, *, is_solid: bool) -> None:
        """Begin to count.

        Args:
            is_solid: covered pixels have one colour, so that they can be told from the rest. Other styles leave
                pixels that cannot be told from the scene's: their covered share is not known and is reported as null.
        """
        self._is_solid = is_solid
        self._rows: list[dict[str, Any]] = []
        self._now: _Second | None = None
        self._reasons: Counter[str] = Counter()
        self._mask_ms: list[float] = []
        self._frames = 0

    def take(self, frame: MaskedFrame) -> None:
        """Count one frame."""
        second = int(frame.pts_s)
        if self._now is None or self._now.second != second:
            self._end_second()
            self._now = _Second(second)
        now = self._now
        now.frames += 1
        self._mask_ms[self._frames % RECENT : self._frames % RECENT + 1] = [frame.mask_ms]
        self._frames += 1
        if frame.withheld:
            now.withheld += 1
            now.covered += 1.0
            self._reasons[frame.withheld] += 1
            return
        now.people.update(frame.tracks.ids[frame.tracks.classes == PERSON].tolist())
        now.seen += float(np.mean(frame.class_map != BACKGROUND))
        if self._is_solid:
            grid = frame.image[::GRID_PX, ::GRID_PX]
            now.covered += float(np.mean((grid == np.array(SILHOUETTE_COLOUR, np.uint8)).all(axis=2)))

    def values(self) -> dict[str, Any]:
        """End the count and give it, ready for JSON: `seconds` (rows), `withheld_by_reason`, `mask_ms`."""
        self._end_second()
        self._now = None
        return {
            "seconds": self._rows,
            "withheld_by_reason": dict(self._reasons),
            "mask_ms": median(self._mask_ms) if self._mask_ms else 0.0,
        }

    def _end_second(self) -> None:
        now = self._now
        if now is None:
            return
        self._rows.append(
            {
                "second": now.second,
                "frames": now.frames,
                "people": len(now.people),
                "seen_share": round(now.seen / now.frames, 5),
                "covered_share": round(now.covered / now.frames, 5) if self._is_solid else None,
                "withheld": now.withheld,
            }
        )


def totals(accounts: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Add the accounts of all parts of one film up.

    Returns:
        `frames, withheld, withheld_by_reason, people_most, seen_share, covered_share, mask_ms_per_frame, seconds`.
    """
    parts = list(accounts)
    rows = [row for part in parts for row in part["seconds"]]
    reasons: Counter[str] = Counter()
    for part in parts:
        reasons.update(part["withheld_by_reason"])
    return {
        "frames": sum(row["frames"] for row in rows),
        "withheld": sum(row["withheld"] for row in rows),
        "withheld_by_reason": dict(reasons),
        "people_most": max((row["people"] for row in rows), default=0),
        "seen_share": _mean(rows, "seen_share"),
        "covered_share": _mean(rows, "covered_share"),
        "mask_ms_per_frame": median([part["mask_ms"] for part in parts]) if parts else 0.0,
        "seconds": rows,
    }


def _mean(rows: list[dict[str, Any]], key: str) -> float | None:
    """Return the mean over frames; None where it is not known."""
    frames = sum(row["frames"] for row in rows)
    if not frames or any(row[key] is None for row in rows):
        return None
    return float(round(sum(row[key] * row["frames"] for row in rows) / frames, 5))
