"""Who may reach the leak watch: everybody who sees the camera reads it, supervisors let a camera run again."""

from typing import Final

from django.http import Http404

from cameras.access import SEES_CONFIGURATION, SEES_FOOTAGE
from cameras.leaking.models import Suspension, SuspensionQuerySet
from paca_site.accounts.access import site_ids
from paca_site.accounts.models import Role, User

READS: Final = tuple(dict.fromkeys((*SEES_FOOTAGE, *SEES_CONFIGURATION)))
LIFTS: Final = (Role.SUPERVISOR,)


def visible_suspensions(user: User) -> SuspensionQuerySet:
    """Suspensions of cameras of the person's sites, newest first."""
    if not user.has_role(*READS):
        return Suspension.objects.none()
    return Suspension.objects.filter(camera__site__in=site_ids(user)).select_related("camera__site", "ended_by")


def access_suspension(user: User, pk: int) -> Suspension:
    """Return a suspension that the person may lift: a supervisor, at a site of theirs.

    Raises:
        Http404: there is none, it is out of scope, or the role may not.
    """
    suspension = visible_suspensions(user).filter(pk=pk).first() if user.has_role(*LIFTS) else None
    if suspension is None:
        raise Http404("No such suspension.")
    return suspension
