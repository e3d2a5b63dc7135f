"""What somebody looked like a moment ago: a network that loses an arm, a leg or half a body has not seen it go.

Two things are kept of everybody followed: the shapes of the last moments, and the last shape that was whole. Both are
put down again, moved along, beside what is seen now (`following.py`).

Source: our own, found on labelled CCTV tracks: most leaks left by thresholds alone are people of whom a tenth to a half
is missed for up to ten frames, while the rest of them is still seen (docs/masking.md).
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from inference.core.masking.cover import Stamp

RECENT_S: Final = 0.4
"""What was seen of a person within this time is covered also where the network doubts it now ..."""

RECENT_EVERY_S: Final = 0.1
"""... kept so often: at 25 frames a second neighbouring shapes are all but the same."""

WHOLE_S: Final = 1.5
"""For so long a whole shape stands in for a part of it."""

PART: Final = 0.8
"""Less than this share of the whole shape is a part."""

STILL_WHOLE: Final = 0.9
"""From this share on, what is seen is the new whole."""

MERGED: Final = 1.5
"""So much larger at once, a shape is two people: not what one of them looks like."""


@dataclass(frozen=True, slots=True)
class Memory:
    """A shape and when it was seen."""

    stamp: Stamp
    at_s: float


@dataclass(slots=True)
class ShapeMemory:
    """The shapes of one track. Bounded: at most `RECENT_S / RECENT_EVERY_S` recent ones, and one that is whole."""

    _recent: deque[Memory] = field(default_factory=deque, repr=False)
    _whole: Memory | None = field(default=None, repr=False)

    def see(self, stamp: Stamp, at_s: float) -> None:
        """Take the shape seen at stream time `at_s`, never earlier than the last."""
        largest = max((one.stamp.area for one in self._recent), default=stamp.area)
        self._drop_the_old(at_s)
        whole = self._whole
        is_merged = stamp.area > MERGED * largest
        is_whole = whole is None or (stamp.area >= STILL_WHOLE * whole.stamp.area and not is_merged)
        if is_whole or (whole is not None and at_s - whole.at_s > WHOLE_S + 1e-6):
            self._whole = Memory(stamp, at_s)
        if not self._recent or at_s - self._recent[-1].at_s >= RECENT_EVERY_S - 1e-6:
            self._recent.append(Memory(stamp, at_s))

    def before(self, stamp: Stamp, pts_s: float) -> Iterator[Memory]:
        """Yield what has to be covered beside `stamp`, the shape seen last, at stream time `pts_s`."""
        self._drop_the_old(pts_s)
        yield from (one for one in self._recent if one.at_s < pts_s)
        whole = self._whole
        if whole is None or pts_s - whole.at_s > WHOLE_S + 1e-6:
            return
        if stamp.area < PART * whole.stamp.area:
            yield whole

    def shift(self, seconds: float) -> None:
        """Take everything as seen so much later: stream time has another zero now."""
        self._recent = deque(replace(one, at_s=one.at_s + seconds) for one in self._recent)
        self._whole = replace(self._whole, at_s=self._whole.at_s + seconds) if self._whole else None

    def _drop_the_old(self, pts_s: float) -> None:
        while self._recent and pts_s - self._recent[0].at_s > RECENT_S + 1e-6:
            self._recent.popleft()
