"""Signs that people lean on the machine rather than look: each a figure with its limits, none a proof.

Source: Parasuraman and Manzey, Human Factors 52 (2010), doi 10.1177/0018720810376055 (complacency and automation bias).
The limits are this project's own choice; no norm gives any.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils.translation import gettext as _

from alerts.models import Verdict
from alerts.record import BANDS
from alerts.seeding.vigilance import Share
from paca_site.oversight.deciding.records import AlertRecord
from paca_site.oversight.deciding.slope import Slope, slope_of

QUICK_S: Final = 5.0
UNWATCHED_S: Final = 1.0
MOST_QUICK: Final = 5
MOST_UNWATCHED: Final = 10
"""Percent of decisions; a sign where even the lower end of the 90 % interval is above."""
WEEK_S: Final = 7 * 86400.0


@dataclass(frozen=True, slots=True)
class Blind:
    """What the second person of an alert said, and whether it was drawn by chance: only those stand for all."""

    first: str
    second: str
    is_random: bool


@dataclass(frozen=True, slots=True)
class Band:
    """Decisions in one band of confidence.

    Attributes:
        words: the band.
        confirmed: of the decided alerts.
        confidence: their mean confidence, %; None without any.
        blind: of those reviewed by chance, what the second person confirmed.
        first: what the first person had confirmed of the same.
    """

    words: str
    confirmed: Share
    confidence: float | None
    blind: Share
    first: Share


@dataclass(frozen=True, slots=True)
class Signs:
    """All signs.

    Attributes:
        bands: by confidence.
        leaning: by how much more than the blind second person the first confirms, in percentage points, with ten
            points more of confidence; of alerts reviewed by chance whose confidence the first was told.
        quick: decisions less than `QUICK_S` after the person opened the alert, of those who had opened it.
        unwatched: decisions without the clip having been played, of alerts that had one.
        by_hour: change of the share of dismissals with each hour of a shift, in percentage points.
        by_week: the same with each week.
        bulk: alerts dismissed together with others of their incident; in no other figure here but the bands.
    """

    bands: tuple[Band, ...]
    leaning: Slope | None
    quick: Share
    unwatched: Share
    by_hour: Slope | None
    by_week: Slope | None
    bulk: int

    @property
    def is_leaning(self) -> bool:
        """Whether the confirm rate rises with the confidence by more than blind judges find."""
        return self.leaning is not None and self.leaning.rises

    @property
    def is_quick(self) -> bool:
        """Whether too many decisions are taken at a glance."""
        return self.quick.of > 0 and self.quick.interval[0] > MOST_QUICK

    @property
    def is_unwatched(self) -> bool:
        """Whether too many decisions are taken without the clip."""
        return self.unwatched.of > 0 and self.unwatched.interval[0] > MOST_UNWATCHED

    @property
    def is_tiring(self) -> bool:
        """Whether dismissals become rarer in the course of a shift."""
        return self.by_hour is not None and self.by_hour.falls

    @property
    def is_settling(self) -> bool:
        """Whether dismissals become rarer from week to week."""
        return self.by_week is not None and self.by_week.falls


def signs_of(
    records: Sequence[AlertRecord],
    blind: Mapping[int, Blind],
    *,
    with_clip: Collection[int],
    shift_start: Mapping[int, datetime],
) -> Signs:
    """Work out the signs.

    Args:
        records: alerts with and without a decision; those without count nowhere.
        blind: second reviews by alert.
        with_clip: alerts that had a clip to watch.
        shift_start: by alert, when the shift of whoever decided it had begun.
    """
    decided = [record for record in records if record.verdict]
    single = [record for record in decided if not record.is_bulk]
    opened = [record for record in single if record.opened_s is not None]
    watchable = [record for record in single if record.alert in with_clip]
    return Signs(
        bands=tuple(_band(low, high, decided, blind) for low, high in BANDS),
        leaning=slope_of(_leaning(single, blind)),
        quick=Share(sum((record.opened_s or 0.0) < QUICK_S for record in opened), len(opened)),
        unwatched=Share(sum(record.watched_s < UNWATCHED_S for record in watchable), len(watchable)),
        by_hour=slope_of(_by_hour(single, shift_start)),
        by_week=slope_of(_by_week(single)),
        bulk=len(decided) - len(single),
    )


def band_words(low: float, high: float) -> str:
    """Return a band of confidence in words."""
    return _("%(low).0f to %(high).0f %%") % {"low": low, "high": min(high, 100.0)}


def _band(low: float, high: float, decided: Sequence[AlertRecord], blind: Mapping[int, Blind]) -> Band:
    inside = [record for record in decided if low <= record.confidence < high]
    judged = [
        (record, blind[record.alert]) for record in inside if record.alert in blind and blind[record.alert].is_random
    ]
    return Band(
        words=band_words(low, high),
        confirmed=Share(sum(record.is_confirmed for record in inside), len(inside)),
        confidence=sum(record.confidence for record in inside) / len(inside) if inside else None,
        blind=Share(sum(review.second == Verdict.CONFIRM for _, review in judged), len(judged)),
        first=Share(sum(review.first == Verdict.CONFIRM for _, review in judged), len(judged)),
    )


def _leaning(single: Sequence[AlertRecord], blind: Mapping[int, Blind]) -> list[tuple[float, float]]:
    """Return (confidence in tens, how much more the first confirmed in points); "cannot tell" is left out."""
    points = []
    for record in single:
        review = blind.get(record.alert)
        if review is None or not review.is_random or not record.is_confidence_shown:
            continue
        if review.second == Verdict.ESCALATE:
            continue
        more = (review.first == Verdict.CONFIRM) - (review.second == Verdict.CONFIRM)
        points.append((record.confidence / 10.0, 100.0 * more))
    return points


def _by_hour(single: Sequence[AlertRecord], shift_start: Mapping[int, datetime]) -> list[tuple[float, float]]:
    return [
        ((record.decided_at - shift_start[record.alert]).total_seconds() / 3600.0, _dismissed(record))
        for record in single
        if record.decided_at is not None and record.alert in shift_start
    ]


def _by_week(single: Sequence[AlertRecord]) -> list[tuple[float, float]]:
    return [
        (record.decided_at.timestamp() / WEEK_S, _dismissed(record))
        for record in single
        if record.decided_at is not None
    ]


def _dismissed(record: AlertRecord) -> float:
    return 100.0 if record.verdict == Verdict.DISMISS else 0.0
