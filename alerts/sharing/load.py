"""How much each person on shift has at a site, and what could be given to somebody."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Exists, Max, Min, OuterRef, Q
from django.utils import timezone

from alerts.incidents import Flood, Incident
from alerts.models import Alert, Decision, Verdict
from alerts.sharing.models import Share, ShareState
from alerts.shifts import Shift
from cameras.models import Site
from paca_site.accounts.models import SiteScope, User

MANAGEABLE_PER_HOUR = 6
"""Alarms an operator can handle well. Source: EEMUA 191, ed. 3: about one in ten minutes."""
WINDOW = timedelta(minutes=10)
HOUR = timedelta(hours=1)
MOST_INCIDENTS = 100


@dataclass(frozen=True, slots=True)
class PersonLoad:
    """One person on shift.

    Attributes:
        holds: the alert they work on now.
        decided_recently, decided_hour: decisions in the last 10 minutes and in the last hour.
        offered, accepted: incidents that wait for their answer, and that are theirs.
        waiting: open alerts in those that are theirs.
    """

    person: User
    holds: int | None
    decided_recently: int
    decided_hour: int
    offered: int
    accepted: int
    waiting: int

    @property
    def is_above(self) -> bool:
        """Whether they decide more in an hour than can be done well."""
        return self.decided_hour > MANAGEABLE_PER_HOUR


@dataclass(frozen=True, slots=True)
class SiteLoad:
    """A site: its people on shift, its open incidents (most urgent, then oldest first) and its flood if there is one.

    `total` counts the open incidents; at most `MOST_INCIDENTS` are listed. `alone` are open alerts without incident.
    """

    site: Site
    flood: Flood | None
    people: tuple[PersonLoad, ...]
    incidents: tuple[Incident, ...]
    total: int
    alone: int


def people_on_shift(site: Site) -> list[User]:
    """Return who has begun a shift and may work at a site now, by name."""
    scoped = SiteScope.objects.current().filter(user=OuterRef("pk"), site=site)
    running = Shift.objects.filter(person=OuterRef("pk"), ended_at=None)
    people = User.objects.filter(Exists(scoped), Exists(running), is_active=True, role__in=["operator", "supervisor"])
    return list(people.order_by("first_name", "last_name", "username"))


def site_load(site: Site) -> SiteLoad:
    """Return the load of a site; as many queries for many people as for one."""
    now = timezone.now()
    queue = Alert.objects.in_queue().filter(camera__site=site)
    shares = list(Share.objects.current().filter(incident__site=site).select_related("to"))
    waiting = dict(queue.filter(incident__isnull=False).order_by().values_list("incident").annotate(count=Count("pk")))
    at_site = Decision.objects.filter(alert__camera__site=site, at__gt=now - HOUR).exclude(verdict=Verdict.UNDO)
    decided = {
        by: (recent, hour)
        for by, recent, hour in at_site.order_by()
        .values_list("by")
        .annotate(recent=Count("pk", filter=Q(at__gt=now - WINDOW)), hour=Count("pk"))
    }
    holds = dict(queue.filter(claimed_until__gt=now).values_list("claimed_by", "pk"))
    people = []
    for person in people_on_shift(site):
        theirs = [share for share in shares if share.to_id == person.pk]
        accepted = [share.incident_id for share in theirs if share.state == ShareState.ACCEPTED]
        people.append(
            PersonLoad(
                person,
                holds.get(person.pk),
                *decided.get(person.pk, (0, 0)),
                offered=len(theirs) - len(accepted),
                accepted=len(accepted),
                waiting=sum(waiting.get(incident, 0) for incident in accepted),
            )
        )
    return SiteLoad(
        site,
        Flood.objects.filter(site=site, ended_at=None).first(),
        tuple(people),
        _incidents(waiting, shares),
        len(waiting),
        queue.filter(incident=None).count(),
    )


def _incidents(waiting: dict[int, int], shares: list[Share]) -> tuple[Incident, ...]:
    """Return the listed incidents with `waiting`, `severity`, `since`, `cameras` and `share` on each."""
    is_open = Q(alerts__state__in=["new", "escalated"])
    found = Incident.objects.filter(pk__in=waiting).annotate(
        severity=Max("alerts__severity", filter=is_open),
        since=Min("alerts__raised_at", filter=is_open),
        camera=Min("alerts__camera__name", filter=is_open),
        cameras=Count("alerts__camera", filter=is_open, distinct=True),
    )
    by_incident = {share.incident_id: share for share in shares}
    listed = list(found.order_by("-severity", "since")[:MOST_INCIDENTS])
    for incident in listed:
        incident.waiting = waiting[incident.pk]  # type: ignore[attr-defined]
        incident.share = by_incident.get(incident.pk)  # type: ignore[attr-defined]
    return tuple(listed)
