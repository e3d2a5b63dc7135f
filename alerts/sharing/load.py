"""How much each person on shift has at a site, and what could be given to somebody."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q, Window
from django.db.models.functions import RowNumber
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


def people_on_shift(sites: Iterable[Site]) -> dict[int, list[User]]:
    """Return of each site (by key) who has begun a shift, has no break and may work there, by name. One query."""
    running = Shift.objects.filter(person=OuterRef("user"), ended_at=None, on_break_since=None)
    scopes = SiteScope.objects.current().filter(
        Exists(running), site__in=sites, user__is_active=True, user__role__in=["operator", "supervisor"]
    )
    found: dict[int, list[User]] = defaultdict(list)
    names = "user__first_name", "user__last_name", "user__username"
    for scope in scopes.select_related("user").order_by(*names):
        found[scope.site_id].append(scope.user)
    return found


def site_loads(sites: Sequence[Site]) -> list[SiteLoad]:
    """Return the load of each site, in their order; as many queries for many sites and people as for one."""
    now = timezone.now()
    queue = Alert.objects.in_queue().filter(camera__site__in=sites).order_by()
    shares: dict[int, list[Share]] = defaultdict(list)
    for share in Share.objects.current().filter(incident__site__in=sites).select_related("to", "incident"):
        shares[share.incident.site_id].append(share)
    waiting: dict[int, dict[int, int]] = defaultdict(dict)
    in_incidents = queue.filter(incident__isnull=False).values_list("incident__site", "incident")
    for site_id, incident_id, count in in_incidents.annotate(count=Count("pk")):
        waiting[site_id][incident_id] = count
    alone = dict(queue.filter(incident=None).values_list("camera__site").annotate(count=Count("pk")))
    at_sites = Decision.objects.filter(alert__camera__site__in=sites, at__gt=now - HOUR).exclude(verdict=Verdict.UNDO)
    decided = {
        (site_id, by): (recent, hour)
        for site_id, by, recent, hour in at_sites.order_by()
        .values_list("alert__camera__site", "by")
        .annotate(recent=Count("pk", filter=Q(at__gt=now - WINDOW)), hour=Count("pk"))
    }
    claims = queue.filter(claimed_until__gt=now).values_list("camera__site", "claimed_by", "pk")
    holds = {(site_id, person): alert for site_id, person, alert in claims}
    on_shift = people_on_shift(sites)
    floods = {flood.site_id: flood for flood in Flood.objects.filter(site__in=sites, ended_at=None)}
    listed = _incidents(waiting, shares)
    return [
        SiteLoad(
            site,
            floods.get(site.pk),
            tuple(
                _person_load(
                    person,
                    [share for share in shares[site.pk] if share.to_id == person.pk],
                    holds.get((site.pk, person.pk)),
                    decided.get((site.pk, person.pk), (0, 0)),
                    waiting[site.pk],
                )
                for person in on_shift.get(site.pk, ())
            ),
            tuple(listed[site.pk]),
            len(waiting[site.pk]),
            alone.get(site.pk, 0),
        )
        for site in sites
    ]


def _person_load(
    person: User, shares: list[Share], holds: int | None, decided: tuple[int, int], waiting: dict[int, int]
) -> PersonLoad:
    accepted = [share.incident_id for share in shares if share.state == ShareState.ACCEPTED]
    return PersonLoad(
        person,
        holds,
        *decided,
        offered=len(shares) - len(accepted),
        accepted=len(accepted),
        waiting=sum(waiting.get(incident, 0) for incident in accepted),
    )


def _incidents(waiting: dict[int, dict[int, int]], shares: dict[int, list[Share]]) -> dict[int, list[Incident]]:
    """Return of each site the listed incidents with `waiting`, `severity`, `since`, `cameras` and `share` on each."""
    is_open = Q(alerts__state__in=["new", "escalated"])
    found = Incident.objects.filter(pk__in=[pk for counts in waiting.values() for pk in counts]).annotate(
        severity=Max("alerts__severity", filter=is_open),
        since=Min("alerts__raised_at", filter=is_open),
        camera=Min("alerts__camera__name", filter=is_open),
        cameras=Count("alerts__camera", filter=is_open, distinct=True),
    )
    by_urgency = Window(RowNumber(), partition_by=F("site"), order_by=[F("severity").desc(), F("since").asc()])
    by_incident = {share.incident_id: share for of_site in shares.values() for share in of_site}
    listed: dict[int, list[Incident]] = defaultdict(list)
    for incident in found.annotate(place=by_urgency).filter(place__lte=MOST_INCIDENTS).order_by("place"):
        incident.waiting = waiting[incident.site_id][incident.pk]  # type: ignore[attr-defined]
        incident.share = by_incident.get(incident.pk)  # type: ignore[attr-defined]
        listed[incident.site_id].append(incident)
    return listed
