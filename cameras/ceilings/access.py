"""Who sees and sets ceilings: they hold for the whole installation."""

from django.http import Http404

from cameras.ceilings.models import Ceiling
from cameras.models import Camera
from paca_site.accounts.access import site_ids
from paca_site.accounts.models import Role, User

SEES_CEILINGS = (Role.ADMINISTRATOR, Role.SUPERVISOR, Role.CUSTODIAN, Role.AUDITOR)


def visible_ceilings(user: User) -> list[Ceiling]:
    """Return all of them; they concern every site."""
    return list(Ceiling.objects.select_related("set_by")) if user.has_role(*SEES_CEILINGS) else []


def may_set(user: User) -> bool:
    """Return whether a person may set ceilings: an administrator of every site with cameras, as they hold at each."""
    return user.has_role(Role.ADMINISTRATOR) and not Camera.objects.exclude(site__in=site_ids(user)).exists()


def access_ceiling(user: User, pk: int) -> Ceiling:
    """Return a ceiling to change.

    Raises:
        Http404: there is none, or it is not this person's to change.
    """
    ceiling = Ceiling.objects.filter(pk=pk).first() if may_set(user) else None
    if ceiling is None:
        raise Http404("No such ceiling.")
    return ceiling
