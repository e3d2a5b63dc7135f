"""Who may reach a halt: everybody at its site reads it, operators and supervisors place it, supervisors end it."""

from django.http import Http404

from cameras.stopping.models import Halt, HaltQuerySet
from paca_site.accounts.access import site_ids
from paca_site.accounts.models import Role, User

READS = (Role.OPERATOR, Role.SUPERVISOR, Role.ADMINISTRATOR, Role.AUDITOR)
STOPS = (Role.OPERATOR, Role.SUPERVISOR)
ENDS = (Role.SUPERVISOR,)


def visible_halts(user: User) -> HaltQuerySet:
    """Halts of the person's sites."""
    if not user.has_role(*READS):
        return Halt.objects.none()
    return Halt.objects.filter(site__in=site_ids(user)).select_related("site", "camera", "began_by", "ended_by")


def access_halt(user: User, pk: int) -> Halt:
    """Return a halt that the person may end: a supervisor, at a site of theirs.

    Raises:
        Http404: there is none, it is out of scope, or the role may not.
    """
    halt = visible_halts(user).filter(pk=pk).first() if user.has_role(*ENDS) else None
    if halt is None:
        raise Http404("No such stop.")
    return halt
