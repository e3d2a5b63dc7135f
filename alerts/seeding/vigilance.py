"""What test alerts measure: how often what was known was seen, and how often nothing was taken for something.

It measures and promises nothing: a study of closed-circuit television in 2012 found that inserted targets did not
significantly raise the detection of real ones. Interval: Wilson (1927), doi 10.1080/01621459.1927.10502953.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from math import sqrt
from statistics import median

from django.db.models import QuerySet
from django.utils import timezone

from alerts.seeding.models import Seed

FOR = timedelta(days=90)
DEVIATIONS = 1.645
"""Of a normal distribution, around 90 % of it."""


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many, with the 90 % interval of the share behind it, in whole percent."""

    right: int
    of: int

    @property
    def percent(self) -> int:
        """The share as it was; 0 of none."""
        return round(100 * self.right / self.of) if self.of else 0

    @property
    def interval(self) -> tuple[int, int]:
        """Lowest and highest share that fits what was seen; all of it where nothing was."""
        if not self.of:
            return 0, 100
        share, z2 = self.right / self.of, DEVIATIONS**2
        middle = (share + z2 / (2 * self.of)) / (1 + z2 / self.of)
        half = DEVIATIONS * sqrt(share * (1 - share) / self.of + z2 / (4 * self.of**2)) / (1 + z2 / self.of)
        return max(0, int(100 * (middle - half))), min(100, round(100 * (middle + half) + 0.499))


@dataclass(frozen=True, slots=True)
class Vigilance:
    """Test alerts of the last 90 days.

    Attributes:
        seen: known-positive ones that were confirmed or escalated.
        calm: known-negative ones that were dismissed.
        withdrawn: those that nobody decided within their time.
        median_s: seconds to what was said; None where nothing was.
    """

    seen: Share
    calm: Share
    withdrawn: int
    median_s: float | None

    @property
    def is_empty(self) -> bool:
        """Whether nobody was tested yet."""
        return not (self.seen.of or self.calm.of or self.withdrawn)


def vigilance_of(seeds: QuerySet[Seed]) -> Vigilance:
    """Count test alerts; one query."""
    found = list(seeds.filter(placed_at__gt=timezone.now() - FOR))
    decided = [seed for seed in found if seed.verdict]
    return Vigilance(
        seen=_share(seed.is_right for seed in decided if seed.is_positive),
        calm=_share(seed.is_right for seed in decided if not seed.is_positive),
        withdrawn=sum(seed.withdrawn_at is not None for seed in found),
        median_s=median(seed.after_s or 0.0 for seed in decided) if decided else None,
    )


def _share(right: Iterable[bool]) -> Share:
    found = list(right)
    return Share(sum(found), len(found))
