"""The only way to a commissioning for a person: absent and not yours are the same 404."""

from typing import Final

from django.db.models import QuerySet
from django.http import Http404

from cameras.access import SEES_CONFIGURATION, SEES_FOOTAGE
from cameras.commissioning.models import Run, RunState, Still
from paca_site.accounts.access import site_ids
from paca_site.accounts.models import Role, User

SEES_RUNS: Final = (*SEES_FOOTAGE, Role.ADMINISTRATOR, Role.AUDITOR)


def visible_runs(user: User) -> QuerySet[Run]:
    """Commissionings of the person's cameras, newest first: operators and who sees configuration."""
    if not user.has_role(*SEES_FOOTAGE, *SEES_CONFIGURATION):
        return Run.objects.none()
    return Run.objects.filter(camera__site__in=site_ids(user)).select_related("camera__site", "began_by", "signed_by")


def access_run(user: User, pk: int, *, write: bool = False) -> Run:
    """Return a commissioning to read, or with `write` to end, give up and sign: supervisors.

    Raises:
        Http404: there is none, it is out of scope, or the role may not.
    """
    run = visible_runs(user).filter(pk=pk).first()
    if run is None or (write and not user.has_role(Role.SUPERVISOR)):
        raise Http404("No such commissioning.")
    return run


def access_still(user: User, pk: int) -> Still:
    """Return a masked still of a commissioning that goes on, to look at and label: operators and supervisors.

    Raises:
        Http404: there is none, it was deleted, it is out of scope, or the role may not.
    """
    still = (
        Still.objects.filter(pk=pk, run__state=RunState.LABELLING, run__camera__site__in=site_ids(user))
        .exclude(path="")
        .select_related("run__camera__site")
        .first()
    )
    if still is None or not user.has_role(*SEES_FOOTAGE) or not still.run.camera.keeps_footage:
        raise Http404("No such still.")
    return still
