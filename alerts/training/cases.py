"""Cases where the machine was wrong here: alerts that people of the person's sites dismissed, with their clips."""

from collections import Counter
from dataclasses import dataclass
from typing import Final

from alerts.models import Alert, AlertState, ClipState, Decision, DismissReason, Verdict
from alerts.seeding.access import own_seeds
from alerts.seeding.models import Seed
from cameras.access import SEES_FOOTAGE
from paca_site.accounts.access import site_ids
from paca_site.accounts.models import User

LOOKED_AT: Final = 200
OF_A_REASON: Final = 2
MOST: Final = 12
WRONG: Final = tuple(reason for reason in DismissReason if reason != DismissReason.RESOLVED)
"""What was dealt with already was an event; the machine was right."""


@dataclass(frozen=True, slots=True)
class Case:
    """One alert of which somebody said why it was none."""

    alert: Alert
    reason: str


def cases(user: User) -> list[Case]:
    """Return dismissed alerts with clips that a person may open, at most two for each reason, newest first.

    Not those whose clip is chosen for test alerts: whoever had seen it here would know the test. Two queries.
    """
    if not user.has_role(*SEES_FOOTAGE):
        return []
    dismissed = (
        Decision.objects.filter(
            verdict=Verdict.DISMISS,
            reason__in=WRONG,
            revoked_by=None,
            camera__site__in=site_ids(user),
            alert__state=AlertState.DISMISSED,
            alert__clip_state=ClipState.READY,
            alert__known_clip=None,
        )
        .select_related("alert__camera__site")
        .order_by("-at", "-pk")[:LOOKED_AT]
    )
    taken: Counter[str] = Counter()
    chosen: list[Case] = []
    for decision in dismissed:
        if taken[decision.reason] < OF_A_REASON and len(chosen) < MOST:
            taken[decision.reason] += 1
            chosen.append(Case(decision.alert, str(decision.get_reason_display())))
    return chosen


def own_wrong_tests(user: User) -> list[Seed]:
    """Return the person's own last test alerts in which nothing was there: the machine had called them all the same."""
    sites = site_ids(user)
    return list(own_seeds(user).filter(is_positive=False, alert__camera__site__in=sites).order_by("-at")[:MOST])
