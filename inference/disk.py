"""How full the disk of the footage is, and when it will be full if it goes on like this."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import linear_regression
from typing import Final

from django.utils.translation import gettext

from inference.models import SystemSample

FULL_BYTES: Final = 1 << 30
"""Less free than this is full: PostgreSQL and the logs live on the same disk and must be able to write."""
SOON_DAYS: Final = 3.0
SHORTEST_S: Final = 2 * 3600.0
"""Growth over less than this says little about days."""
GIB: Final = float(1 << 30)
DAY_S: Final = 86400.0


@dataclass(frozen=True, slots=True)
class DiskState:
    """The disk now.

    Attributes:
        used_bytes, free_bytes: of the file system; what only root may use counts as used.
        growth_bytes_per_day: fitted over the last day; None if it is too early to say.
    """

    used_bytes: int
    free_bytes: int
    growth_bytes_per_day: float | None = None

    @property
    def is_full(self) -> bool:
        """Whether too little is left to go on."""
        return self.free_bytes < FULL_BYTES

    @property
    def days_to_full(self) -> float | None:
        """Days until `FULL_BYTES` are left, at the growth of the last day; None: it does not grow, or too early."""
        if not self.growth_bytes_per_day or self.growth_bytes_per_day <= 0:
            return None
        return max(0.0, (self.free_bytes - FULL_BYTES) / self.growth_bytes_per_day)

    @property
    def filling_words(self) -> str:
        """Why somebody should make room soon; empty: nobody need."""
        days = self.days_to_full
        if days is None or days > SOON_DAYS or self.is_full:
            return ""
        growth = (self.growth_bytes_per_day or 0) / GIB
        return gettext(
            "Full in {days:.1f} days: {free:.1f} GiB are free and it grows by {growth:.1f} GiB a day."
        ).format(days=days, free=self.free_bytes / GIB, growth=growth)

    @property
    def full_words(self) -> str:
        """Why somebody must make room now; empty: nobody must."""
        return (
            gettext("{free:.2f} GiB are free; at least 1 is needed.").format(free=self.free_bytes / GIB)
            if self.is_full
            else ""
        )


def disk_now(folder: Path) -> tuple[int, int]:
    """Return bytes used and free of the file system on which a folder lies, or will lie.

    Raises:
        OSError: it cannot be asked.
    """
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    usage = shutil.disk_usage(folder)
    return usage.total - usage.free, usage.free


def growth_bytes_per_day(samples: Sequence[SystemSample]) -> float | None:
    """Return the growth of what is used, fitted by least squares over the samples; None if they span too little."""
    told = [(sample.at.timestamp(), float(sample.disk_used_bytes)) for sample in samples if sample.disk_used_bytes]
    if len(told) < 2 or told[-1][0] - told[0][0] < SHORTEST_S:
        return None
    start_s = told[0][0]
    return linear_regression([at_s - start_s for at_s, _ in told], [used for _, used in told]).slope * DAY_S
