"""How decisions are made: at a site, by all people together, or by one person, for that person only."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Q
from django.utils import timezone

from alerts.models import Alert, ClipState
from alerts.reviewing.models import Review, ReviewQuerySet, ReviewState
from alerts.seeding.models import Seed
from alerts.seeding.vigilance import Share, Vigilance, vigilance_of
from alerts.shifts import Shift
from cameras.models import Site
from paca_site.accounts.access import site_ids
from paca_site.accounts.models import User
from paca_site.oversight.deciding.agreement import Agreement, agreement_of
from paca_site.oversight.deciding.records import AlertRecord, alert_records
from paca_site.oversight.deciding.signs import Blind, Signs, signs_of

LEAST_PEOPLE: Final = 3
"""Of fewer, figures about the process would be figures about persons."""


@dataclass(frozen=True, slots=True)
class Process:
    """How decisions were made in some days.

    Attributes:
        days: so many, up to now.
        people: how many different people decided.
        decided, undecided: alerts raised in these days.
        agreement: first decisions and blind second ones, of alerts drawn by chance: it stands for all decided alerts.
        severe_same: of confirmed severe ones, which all are reviewed, those that the second person confirmed too.
        waiting, lapsed, disagreed: second reviews by where they are.
        signs: of leaning on the machine.
        vigilance: test alerts, over their own 90 days.
    """

    days: int
    people: int
    decided: int
    undecided: int
    agreement: Agreement
    severe_same: Share
    waiting: int
    lapsed: int
    disagreed: int
    signs: Signs
    vigilance: Vigilance

    @property
    def is_of_enough_people(self) -> bool:
        """Whether it may be told of a site: nobody in particular stands behind a figure."""
        return self.people >= LEAST_PEOPLE


def site_process(site: Site, days: int, *, now: datetime | None = None) -> Process:
    """Return the process at a site that was reached through an access function."""
    until = now or timezone.now()
    since = until - timedelta(days=days)
    reviews = Review.objects.filter(alert__camera__site=site, decision__at__gte=since)
    seeds = Seed.objects.filter(alert__camera__site=site)
    return _process(days, alert_records([site.pk], since, until), reviews, vigilance_of(seeds))


def own_process(user: User, days: int, *, now: datetime | None = None) -> Process:
    """Return what a person's own decisions show; nobody else is shown it.

    Of second reviews only those of decisions that were theirs count: how others judged the same without knowing.
    """
    until = now or timezone.now()
    since = until - timedelta(days=days)
    own = [record for record in alert_records(site_ids(user), since, until) if record.by == user.pk]
    reviews = Review.objects.filter(first_by=user, decision__at__gte=since)
    return _process(days, own, reviews, vigilance_of(Seed.objects.filter(by=user)))


def _process(days: int, records: Sequence[AlertRecord], reviews: ReviewQuerySet, vigilance: Vigilance) -> Process:
    decided = [record for record in records if record.verdict]
    told = list(reviews.values_list("alert", "decision__verdict", "verdict", "is_random", "is_severe", "state"))
    given = [row for row in told if row[2]]
    blind = {alert: Blind(first, second, is_random) for alert, first, second, is_random, _, _ in given}
    severe = [row for row in given if row[4]]
    states = [state for *_, state in told]
    return Process(
        days=days,
        people=len({record.by for record in decided}),
        decided=len(decided),
        undecided=len(records) - len(decided),
        agreement=agreement_of((first, second) for _, first, second, is_random, _, _ in given if is_random),
        severe_same=Share(sum(row[1] == row[2] for row in severe), len(severe)),
        waiting=states.count(ReviewState.WAITING),
        lapsed=states.count(ReviewState.LAPSED),
        disagreed=states.count(ReviewState.DISAGREED),
        signs=signs_of(records, blind, with_clip=_with_clip(decided), shift_start=shift_starts(decided)),
        vigilance=vigilance,
    )


def _with_clip(decided: Sequence[AlertRecord]) -> Collection[int]:
    """Return which alerts had a clip; of those deleted at the end of their retention nobody knows it any more."""
    had = Alert.objects.filter(
        pk__in=[record.alert for record in decided], clip_state__in=[ClipState.READY, ClipState.PURGED]
    )
    return set(had.values_list("pk", flat=True))


def shift_starts(decided: Sequence[AlertRecord]) -> dict[int, datetime]:
    """Return by alert when the shift of whoever decided it had begun; without a shift it is absent. One query."""
    moments = [record.decided_at for record in decided if record.decided_at]
    if not moments:
        return {}
    running = Q(ended_at=None) | Q(ended_at__gte=min(moments))
    found = Shift.objects.filter(running, person__in={record.by for record in decided}, started_at__lte=max(moments))
    shifts: dict[int, list[tuple[datetime, datetime | None]]] = defaultdict(list)
    for person, started_at, ended_at in found.order_by("started_at").values_list("person", "started_at", "ended_at"):
        shifts[person].append((started_at, ended_at))
    starts = {}
    for record in decided:
        if record.decided_at is None or record.by is None:
            continue
        theirs = shifts[record.by]
        place = bisect_right(theirs, record.decided_at, key=lambda shift: shift[0])
        if not place:
            continue
        started_at, ended_at = theirs[place - 1]
        if ended_at is None or record.decided_at <= ended_at:
            starts[record.alert] = started_at
    return starts
