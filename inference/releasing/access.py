"""Releases are of the whole installation; where they run is of a site: its people see and change it."""

from django.http import Http404

from cameras.access import SEES_CONFIGURATION
from cameras.models import Site
from inference.releasing.models import ModelRelease
from paca_site.accounts.access import site_ids
from paca_site.accounts.models import Role, User


def access_release(user: User, pk: int, *, approve: bool = False) -> ModelRelease:
    """Return a release to read (supervisors, administrators, auditors), or to approve (supervisors).

    Raises:
        Http404: there is none, or the role may not.
    """
    roles = (Role.SUPERVISOR,) if approve else SEES_CONFIGURATION
    release = ModelRelease.objects.filter(pk=pk).first() if user.has_role(*roles) else None
    if release is None:
        raise Http404("No such release.")
    return release


def access_site_of_release(user: User, given: str) -> Site | None:
    """Return the site of a form's field, in the person's scope; None where it is none of theirs."""
    pk = int(given) if given.isdecimal() and len(given) < 10 else 0
    return Site.objects.filter(pk=pk, pk__in=site_ids(user)).first()
