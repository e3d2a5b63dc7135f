"""Whether a person may decide alerts: a certificate that counts today, or the grace period of those who were here."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Count, Max, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext

from paca_site.accounts.models import Role, User
from paca_site.accounts.training.models import AskedSince, counts_on

NEEDS_CERTIFICATE: Final = (Role.OPERATOR, Role.SUPERVISOR)
"""Everybody who decides alerts."""
TOLD_BEFORE: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What speaks for and against one person's deciding, at one moment.

    Attributes:
        now: the moment.
        ends_on: the last day of the certificate that counts longest; None where none counts today.
        ended_on: the last day of the newest one, where none counts any more.
        grace_until: until when somebody without one may go on, who had an account before certificates were asked for.
    """

    now: datetime
    ends_on: date | None = None
    ended_on: date | None = None
    grace_until: datetime | None = None

    @property
    def state(self) -> str:
        """`certified`, `ending` (within 30 days), `grace` or `none`."""
        if self.ends_on is not None:
            return "ending" if self.ends_on - self.now.date() <= TOLD_BEFORE else "certified"
        return "grace" if self.grace_until is not None and self.grace_until > self.now else "none"

    @property
    def may_decide(self) -> bool:
        """Whether the person may decide alerts now."""
        return self.state != "none"

    @property
    def is_to_tell(self) -> bool:
        """Whether the person should do something about it soon, or at once."""
        return self.state != "certified"

    @property
    def words(self) -> str:
        """How it stands, in a sentence or two to the person."""
        if self.state in {"certified", "ending"}:
            return gettext("Your certificate of training counts until {day}.").format(day=self.ends_on)
        if self.state == "grace":
            return gettext(
                "You have no certificate of training. You may decide alerts without one until {day}."
            ).format(day=f"{self.grace_until:%Y-%m-%d %H:%M} UTC")
        if self.ended_on is not None:
            return gettext(
                "Your certificate of training ended on {day}. Alerts are decided by people with one that counts today."
            ).format(day=self.ended_on)
        return gettext("You have no certificate of training. Alerts are decided by people with one that counts today.")


def grace() -> timedelta:
    """Return how long people who were here before may go on without a certificate."""
    return timedelta(days=settings.TRAINING_GRACE_DAYS)


def standings(people: Iterable[User], now: datetime | None = None) -> dict[int, Standing]:
    """Return how people stand, by their key; one query, however many."""
    now = now or timezone.now()
    day = now.date()
    found = User.objects.filter(pk__in=[person.pk for person in people]).annotate(
        ends_on=Max("certificates__ends_on", filter=counts_on(day, "certificates__")),
        ended_on=Max("certificates__ends_on", filter=Q(certificates__withdrawn_at=None, certificates__ends_on__lt=day)),
        had=Count("certificates"),
        asked_since=Subquery(AskedSince.objects.order_by("pk").values("at")[:1]),
    )
    told = {}
    for pk, joined, ends_on, ended_on, had, since in found.values_list(
        "pk", "date_joined", "ends_on", "ended_on", "had", "asked_since"
    ):
        # whoever has had one knows that it is asked for, and one that is withdrawn must not leave a grace behind
        has_grace = since is not None and joined <= since and not had
        told[pk] = Standing(
            now=now,
            ends_on=ends_on,
            ended_on=ended_on if ends_on is None else None,
            grace_until=since + grace() if has_grace else None,
        )
    return told


def standing_of(person: User, now: datetime | None = None) -> Standing:
    """Return how one person stands; one query."""
    return standings([person], now)[person.pk]


def training_require(person: User) -> None:
    """Let only people decide who may: the gate of every service that decides.

    Raises:
        ValidationError: no certificate counts today, and no grace period runs; says so, and where the course is.
    """
    standing = standing_of(person)
    if not standing.may_decide:
        raise ValidationError(
            gettext("{reason} Take the course at “Training”, or ask a supervisor.").format(reason=standing.words),
            code="untrained",
        )
