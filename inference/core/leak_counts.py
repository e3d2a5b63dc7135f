"""What the leak watch counts: numbers, and nothing of a picture."""

from dataclasses import dataclass, replace
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Look:
    """What came of looking at one frame: two numbers, nothing of the picture.

    Attributes:
        people: regions that are taken for people, each of a person or of a group that touches.
        leaks: those of them that were left open.
    """

    people: int
    leaks: int

    def __post_init__(self) -> None:
        if not 0 <= self.leaks <= self.people:
            raise ValueError(f"`leaks` must be 0 to `people`, got {self.leaks} of {self.people}.")


@dataclass(frozen=True, slots=True)
class LeakCounts:
    """What the watch counted in one hour of one camera.

    Attributes:
        hour: its start, aware.
        frames: frames looked at.
        people: regions taken for people in them.
        leaks: those left open.
        leak_frames: frames in which anybody was.
        skipped: samples not looked at, as the watch was busy or rested.
        failed: looks that broke off.
    """

    hour: datetime
    frames: int = 0
    people: int = 0
    leaks: int = 0
    leak_frames: int = 0
    skipped: int = 0
    failed: int = 0

    def with_look(self, one: Look) -> "LeakCounts":
        """Return the counts after one more look."""
        return replace(
            self,
            frames=self.frames + 1,
            people=self.people + one.people,
            leaks=self.leaks + one.leaks,
            leak_frames=self.leak_frames + (one.leaks > 0),
        )
