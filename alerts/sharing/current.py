"""What the queue says of shares: whose an incident is, and what waits for one's own answer."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Max, Q
from django.utils.translation import gettext

from alerts.incidents import Incident
from alerts.sharing.models import Share
from paca_site.accounts.access import site_ids
from paca_site.accounts.models import User

OPEN = Q(alerts__state__in=["new", "escalated"])


@dataclass(frozen=True, slots=True)
class OwnShare:
    """One incident that is offered or given to a person, and how much of it waits."""

    share: Share
    waiting: int
    severity: int
    place: str


def names_of_shares(incident_ids: Iterable[int | None]) -> dict[int, str]:
    """Return of each shared incident what a row of the queue says: for whom it is. One query."""
    keys = {pk for pk in incident_ids if pk is not None}
    found = Share.objects.current().filter(incident__in=keys).select_related("to") if keys else ()
    return {share.incident_id: gettext("for %(person)s") % {"person": share.to} for share in found}


def own_shares(user: User) -> list[OwnShare]:
    """Return what is offered or given to a person now, oldest first. At most two queries."""
    shares = Share.objects.current().filter(to=user, incident__site__in=site_ids(user))
    found = list(shares.select_related("incident__site", "by").order_by("at", "pk"))
    counted = Incident.objects.filter(pk__in=[share.incident_id for share in found]).annotate(
        waiting=Count("alerts", filter=OPEN), severity=Max("alerts__severity", filter=OPEN)
    )
    counts = {row.pk: (row.waiting, row.severity or 1) for row in counted} if found else {}
    return [OwnShare(share, *counts[share.incident_id], share.incident.site.name) for share in found]


def incidents_of(user: User) -> list[int]:
    """Return the incidents that are a person's to begin with."""
    return list(Share.objects.current().filter(to=user, state="accepted").values_list("incident_id", flat=True))


def incidents_of_others(user: User) -> list[int]:
    """Return the incidents that somebody else has accepted."""
    return list(Share.objects.current().filter(state="accepted").exclude(to=user).values_list("incident_id", flat=True))
