"""What a commissioning found: covering, leaks and false alerts, each with its interval beside its bound.

An estimate, and told as one: stills are a sample, those that follow each other are alike, and somebody counted.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from django.conf import settings
from django.db.models import Sum
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from alerts.models import Alert
from alerts.states import OPEN_STATES, AlertState
from cameras.commissioning.models import Run, Still
from inference.commissioning.intervals import Interval, poisson_rate, wilson
from inference.models import ScoreHour

ENOUGH_PEOPLE: Final = 300
"""If none of so many was uncovered, at most about 1 % are (rule of three: Hanley and Lippman-Hand, JAMA 249 (1983),
doi 10.1001/jama.1983.03330370053031)."""
ENOUGH_WALK_H: Final = 1 / 6
ENOUGH_OBSERVED_H: Final = 24.0
"""A day has its hours of work, of school and of night."""

Judgement = Literal["met", "missed", "open"]
NAMES: Final = {
    "recall": _("People fully covered"),
    "leaks": _("Leaks an hour of test walk"),
    "false": _("False alerts a day"),
}
JUDGEMENTS: Final = {"met": _("within the bound"), "missed": _("beyond the bound"), "open": _("cannot be told yet")}


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure.

    Attributes:
        name: a key of `NAMES`.
        counted: events (people covered, leaks, dismissed alerts).
        of: out of what: people, hours of walk, hours observed.
        value, low, high: share in percent or rate with its 95 % interval; None where nothing was observed.
        bound: what is asked for, in the same unit.
        judgement: whether the whole interval lies on one side of the bound.
        is_few: too little was seen to say much, whatever the judgement.
        undecided: alerts that nobody has decided yet; they could raise the rate.
    """

    name: str
    counted: int
    of: float
    value: float | None
    low: float | None
    high: float | None
    bound: float
    judgement: Judgement
    is_few: bool
    undecided: int = 0

    @property
    def label(self) -> str:
        """What it is, in words."""
        return str(NAMES[self.name])

    @property
    def verdict(self) -> str:
        """How it lies to the bound, in words."""
        return str(JUDGEMENTS[self.judgement])

    @property
    def sample(self) -> str:
        """What it rests on, in words."""
        if self.name == "recall":
            return gettext("{counted} of {people} people counted").format(counted=self.counted, people=int(self.of))
        if self.name == "leaks":
            return gettext("{counted} leaks in {minutes:.1f} labelled minutes").format(
                counted=self.counted, minutes=self.of * 60
            )
        told = gettext("{counted} dismissed in {hours:.1f} h observed").format(counted=self.counted, hours=self.of)
        if self.undecided:
            told += "; " + gettext("{count} not decided yet").format(count=self.undecided)
        return told

    @property
    def unit(self) -> str:
        """Behind a value."""
        return " %" if self.name == "recall" else ""


def figures_of(run: Run, now: datetime) -> list[Figure]:
    """Return the three figures of a commissioning as its labels and alerts are now, or as they were signed."""
    if run.signed_at is not None:
        return [Figure(**values) for values in run.figures]
    stills = list(run.stills.order_by("number"))
    return [recall_figure(stills), leak_figure(stills, run.interval_s), false_figure(run, now)]


def figures_to_store(figures: Sequence[Figure]) -> list[dict[str, Any]]:
    """Return figures as JSON has them."""
    return [asdict(figure) for figure in figures]


def recall_figure(stills: Sequence[Still]) -> Figure:
    """Return the share of people fully covered, in percent, of those visible on stills where it can be told."""
    told = [still for still in stills if still.visible is not None]
    people = sum(still.visible or 0 for still in told)
    covered = people - sum(still.uncovered or 0 for still in told)
    bound = float(settings.COMMISSION_RECALL_PERCENT)
    if not people:
        return Figure("recall", 0, 0, None, None, None, bound, "open", is_few=True)
    share = wilson(covered, people)
    percent = Interval(100 * share.value, 100 * share.low, 100 * share.high)
    judgement: Judgement = "met" if percent.low >= bound else "missed" if percent.high < bound else "open"
    return Figure(
        "recall", covered, people, percent.value, percent.low, percent.high, bound, judgement, people < ENOUGH_PEOPLE
    )


def leak_figure(stills: Sequence[Still], interval_s: float) -> Figure:
    """Return leaks an hour of labelled walk.

    A leak is a stretch of stills that follow each other with somebody not fully covered on each: two leaks between
    which the people were covered for less than the interval count as one, and one shorter than it may fall between
    two stills. A still that cannot be told, or is missing, is no time observed and ends no leak.
    """
    told = [still for still in stills if still.visible is not None]
    leaks = sum(
        1
        for before, still in zip([None, *told], told, strict=False)
        if still.uncovered and not (before is not None and before.uncovered)
    )
    bound, hours = float(settings.COMMISSION_LEAKS_PER_HOUR), len(told) * interval_s / 3600
    return _rate("leaks", leaks, hours, 1.0, bound, is_few=hours < ENOUGH_WALK_H)


def observed(run: Run, now: datetime) -> tuple[datetime, datetime]:
    """Return the whole hours after the walk, in which alerts are counted; the walk itself is no ordinary day."""
    from_at = run.ended_at or now
    start_at = from_at.replace(minute=0, second=0, microsecond=0)
    start_at += timedelta(hours=1) if start_at < from_at else timedelta(0)
    return start_at, max(start_at, now.replace(minute=0, second=0, microsecond=0))


def false_figure(run: Run, now: datetime) -> Figure:
    """Return dismissed alerts a day of scored video after the walk; the hours are those the detector really saw."""
    start_at, end_at = observed(run, now)
    hours = ScoreHour.objects.filter(camera=run.camera_id, hour__gte=start_at, hour__lt=end_at)
    observed_h = (hours.aggregate(sum=Sum("observed_s"))["sum"] or 0.0) / 3600
    raised = Alert.objects.filter(camera=run.camera_id, raised_at__gte=start_at, raised_at__lt=end_at)
    return _rate(
        "false",
        raised.filter(state=AlertState.DISMISSED).count(),
        observed_h,
        24.0,
        float(settings.COMMISSION_FALSE_PER_DAY),
        is_few=observed_h < ENOUGH_OBSERVED_H,
        undecided=raised.filter(state__in=OPEN_STATES).count(),
    )


def _rate(
    name: str, events: int, hours: float, per_hours: float, bound: float, *, is_few: bool, undecided: int = 0
) -> Figure:
    if hours <= 0:
        return Figure(name, events, 0.0, None, None, None, bound, "open", is_few=True, undecided=undecided)
    rate = poisson_rate(events, hours / per_hours)
    # alerts that wait may all be dismissed: the bound is met only where it would be met then, too
    worst = poisson_rate(events + undecided, hours / per_hours).high
    judgement: Judgement = "met" if worst <= bound else "missed" if rate.low > bound else "open"
    return Figure(name, events, hours, rate.value, rate.low, rate.high, bound, judgement, is_few, undecided)
