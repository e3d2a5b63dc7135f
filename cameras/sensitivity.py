"""How sensitive a camera may be: what each threshold would cost in false alerts a day, and what it finds.

The cost comes from the camera's own last two weeks of masked video, counted at every threshold while it ran (numbers
only); what people confirmed is taken off. What is found comes from a table measured on simulated incidents and shipped
with the weights. Both stand above this app (`inference`) and are read through the reverse relations.
Interval: Byar's approximation to the Poisson limits (Breslow and Day, Statistical Methods in Cancer Research II, 1987).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import log10, sqrt

from cameras.models import Camera

DAY_S = 86_400.0
DEVIATIONS = 1.645
"""Of a normal distribution, around 90 % of it."""
SHOWN_FOR = timedelta(days=14)
"""Before the newest hour; older ones are kept for drift (inference/drifting)."""
ENOUGH_HOURS = 6.0
"""Less has been seen of the camera's day than can be judged by; nothing is suggested before."""
MOST_FALSE_PER_DAY = 24.0
"""The suggestion is the threshold that finds most and is not expected to call falsely more than once an hour."""
CONFIRMED = "confirmed"
"""Of an alert; the word of `alerts.models.AlertState` (a test compares them)."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One threshold and what it would mean here.

    Attributes:
        percent: the threshold, 0-100; None is the detector's default, `at_percent` says where that lies.
        at_percent: the threshold in force.
        per_day: expected false alerts a day.
        low, high: the same, 90 % interval.
        found: share of simulated incidents found, 0-1; None where it was not measured.
        is_outdone: another setting finds as much for fewer false alerts, or more for as many.
    """

    percent: int | None
    at_percent: float
    per_day: float
    low: float
    high: float
    found: float | None
    is_outdone: bool = False

    @property
    def value(self) -> str:
        """As the form sends it."""
        return "" if self.percent is None else str(self.percent)

    @property
    def x(self) -> float:
        """Place on the chart's logarithmic axis of false alerts a day: 0 at none, 1 at one a day, 2 at about ten."""
        return log10(1.0 + 9.0 * self.per_day) if self.per_day < 1.0 else 1.0 + log10(self.per_day)


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """Everything the page of a camera's sensitivity shows.

    Attributes:
        hours: of masked video that were scored.
        since: start of the first of them.
        default: the detector's own threshold.
        settings: from the most sensitive to the least.
        confirmed: alerts of that time which people confirmed, and which are no false ones.
        found_events: simulated incidents behind `found`; 0 where it was not measured.
        suggested: percent of the setting within `MOST_FALSE_PER_DAY` that finds most; None before `ENOUGH_HOURS`.
    """

    hours: float
    since: datetime
    default: Setting
    settings: tuple[Setting, ...]
    confirmed: int
    found_events: int
    suggested: int | None

    @property
    def is_enough(self) -> bool:
        """Whether enough has been seen to judge by."""
        return self.hours >= ENOUGH_HOURS


def poisson_interval(count: float) -> tuple[float, float]:
    """Return the 90 % interval of the mean of a Poisson count, which may be interpolated."""
    low = count * (1 - 1 / (9 * count) - DEVIATIONS / (3 * sqrt(count))) ** 3 if count >= 1.0 else 0.0
    above = count + 1.0
    return max(0.0, low), above * (1 - 1 / (9 * above) + DEVIATIONS / (3 * sqrt(above))) ** 3


def between(percent: float, thresholds: Sequence[int], values: Sequence[float]) -> float:
    """Return the value at a threshold, linear between the known ones and level beyond them."""
    if percent <= thresholds[0]:
        return values[0]
    for (left, low), (right, high) in zip(
        zip(thresholds, values, strict=True), zip(thresholds[1:], values[1:], strict=False), strict=False
    ):
        if percent <= right:
            return low + (high - low) * (percent - left) / (right - left)
    return values[-1]


def false_counts(events: Sequence[int], thresholds: Sequence[int], confirmed_scores: Sequence[float]) -> list[float]:
    """Return the events at each threshold that nobody confirmed; what was never shown to anybody counts as false.

    A threshold below what is usual starts one event that hardly ends: it is never taken for cheaper than a higher one.

    Args:
        events: at each threshold.
        thresholds: percent, rising.
        confirmed_scores: highest score, 0-1, of each confirmed alert.
    """
    counts: list[float] = []
    for percent, count in reversed(list(zip(thresholds, events, strict=True))):
        false = float(max(0, count - sum(score * 100 >= percent for score in confirmed_scores)))
        counts.append(max(false, counts[-1]) if counts else false)
    return counts[::-1]


def marked(settings: Sequence[Setting]) -> tuple[Setting, ...]:
    """Mark the settings that another one outdoes, where it is known what they find.

    A very low threshold is one: its events run into each other, and none of them starts with an incident.
    """

    def is_outdone(one: Setting) -> bool:
        found = one.found
        return found is not None and any(
            (other.found or 0.0) >= found
            and other.per_day <= one.per_day
            and ((other.found or 0.0) > found or other.per_day < one.per_day)
            for other in settings
        )

    return tuple(replace(one, is_outdone=is_outdone(one)) for one in settings)


def camera_sensitivity(camera: Camera) -> Sensitivity | None:
    """Return the curve of a camera for the weights that run now; None before its first minute. Three queries."""
    newest = camera.score_hours.select_related("release").order_by("-hour", "-pk").first()
    if newest is None:
        return None
    release = newest.release
    shown = camera.score_hours.filter(release=release, hour__gt=newest.hour - SHOWN_FOR)
    rows = list(shown.order_by("hour").values_list("hour", "observed_s", "events"))
    observed_s = sum(row[1] for row in rows)
    if observed_s <= 0.0:
        return None
    since = rows[0][0]
    confirmed = list(camera.alerts.filter(state=CONFIRMED, started_at__gte=since).values_list("score", flat=True))
    thresholds = list(release.thresholds)
    counts = false_counts(
        [sum(column) for column in zip(*(row[2] for row in rows), strict=True)], thresholds, confirmed
    )
    days = observed_s / DAY_S

    def setting(percent: int | None, at_percent: float) -> Setting:
        count = between(at_percent, thresholds, counts)
        low, high = poisson_interval(count)
        found = between(at_percent, thresholds, release.found) if release.found else None
        return Setting(percent, at_percent, count / days, low / days, high / days, found)

    chosen = camera.threshold_percent
    offered = sorted({*thresholds, *([chosen] if chosen is not None else [])})
    settings = marked([setting(percent, percent) for percent in offered])
    is_enough = observed_s / 3600.0 >= ENOUGH_HOURS
    quiet = [one for one in settings if one.per_day <= MOST_FALSE_PER_DAY]
    return Sensitivity(
        hours=observed_s / 3600.0,
        since=since,
        default=setting(None, release.default_percent),
        settings=settings,
        confirmed=len(confirmed),
        found_events=release.found_events if release.found else 0,
        suggested=max(quiet, key=lambda one: one.found or 0.0).percent if is_enough and quiet else None,
    )
