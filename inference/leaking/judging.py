"""Whether what the leak watch counted at a camera is above the budget, and how sure that is. Plain arithmetic."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from inference.commissioning.intervals import Interval, poisson_rate

JUDGED_FOR: Final = timedelta(hours=24)
"""The hours that a camera is judged by."""


@dataclass(frozen=True, slots=True)
class Record:
    """Counts of several hours of one camera, added up.

    Attributes:
        since: start of the first hour; None without any.
        frames, people, leaks, leak_frames, skipped, failed: as in `LeakHour`.
    """

    since: datetime | None
    frames: int = 0
    people: int = 0
    leaks: int = 0
    leak_frames: int = 0
    skipped: int = 0
    failed: int = 0

    @property
    def per_1000(self) -> Interval | None:
        """Leaks per 1,000 people with the 95 % interval; None where nobody was looked at.

        People who are open in one frame are open for one reason, so that frames with a leak are what is counted as
        independent: the interval is as wide, in proportion, as that of their number. Where there is none, the upper end
        is that of no event among so many people.
        """
        if not self.people:
            return None
        if not self.leak_frames:
            return poisson_rate(0, self.people / 1000)
        rate, frames = 1000 * self.leaks / self.people, poisson_rate(self.leak_frames, 1.0)
        scale = rate / self.leak_frames
        return Interval(rate, frames.low * scale, min(1000.0, frames.high * scale))


def is_above(record: Record, *, budget: float, people: int) -> bool:
    """Whether a camera surely leaks more than `budget` of 1,000 people, of whom at least `people` were looked at."""
    rate = record.per_1000
    return rate is not None and record.people >= people and rate.low > budget
