"""Who gives incidents to whom, and who reads of it."""

from django.http import Http404

from alerts.access import access_incident
from alerts.incidents import Incident
from alerts.sharing.models import Share
from cameras.access import SEES_FOOTAGE
from paca_site.accounts.access import site_ids
from paca_site.accounts.models import Role, User


def access_shareable(user: User, pk: int) -> Incident:
    """Return an incident to give it to somebody: supervisors of its site.

    Raises:
        Http404: there is none, it is out of scope, or the role may not.
    """
    if not user.has_role(Role.SUPERVISOR):
        raise Http404("No such incident.")
    return access_incident(user, pk)


def access_share(user: User, pk: int, *, withdraw: bool = False) -> Share:
    """Return a current share: the person it is for, to answer; with `withdraw`, supervisors of its site.

    Raises:
        Http404: there is none, it is over, or it is not theirs.
    """
    if not user.has_role(*((Role.SUPERVISOR,) if withdraw else SEES_FOOTAGE)):
        raise Http404("No such offer.")
    found = Share.objects.current().filter(pk=pk, incident__site__in=site_ids(user))
    share = (found if withdraw else found.filter(to=user)).select_related("incident__site", "to", "by").first()
    if share is None:
        raise Http404("No such offer.")
    return share
