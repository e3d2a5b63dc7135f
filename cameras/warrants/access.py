"""The only way to a release for a person: absent and not yours are the same 404."""

from django.http import Http404

from cameras.models import Camera, Modality
from cameras.warrants.models import FootageRelease
from paca_site.accounts.access import site_ids
from paca_site.accounts.models import Role, User

SEES_RELEASES = (Role.SUPERVISOR, Role.ADMINISTRATOR, Role.CUSTODIAN, Role.AUDITOR)
REQUESTS = (Role.SUPERVISOR, Role.ADMINISTRATOR)


def visible_releases(user: User) -> list[FootageRelease]:
    """Return the releases of the person's sites, newest first; operators see none."""
    if not user.has_role(*SEES_RELEASES):
        return []
    found = FootageRelease.objects.filter(site__in=site_ids(user))
    return list(found.select_related("site", "requested_by").prefetch_related("parts__camera"))


def access_release(user: User, pk: int, *, request: bool = False, decide: bool = False) -> FootageRelease:
    """Return a release of the person's sites.

    Args:
        user: who asks.
        pk: the release.
        request: the person will withdraw it: those who may request.
        decide: the person will confirm, approve or refuse it: supervisors and custodians.

    Raises:
        Http404: there is none, it is out of scope, or the role may not.
    """
    if not user.has_role(*SEES_RELEASES):
        raise Http404("No such release.")
    if request and user.role not in REQUESTS:
        raise Http404("No such release.")
    if decide and user.role not in (Role.SUPERVISOR, Role.CUSTODIAN):
        raise Http404("No such release.")
    found = (
        FootageRelease.objects.filter(pk=pk, site__in=site_ids(user))
        .select_related("site", "requested_by", "confirmed_by", "approved_by", "closed_by")
        .prefetch_related("parts__camera", "parts__files", "parts__hold")
        .first()
    )
    if found is None:
        raise Http404("No such release.")
    return found


def releasable_cameras(user: User) -> list[Camera]:
    """Return the central cameras of the sites of a person who may request; the others never have raw footage."""
    if not user.has_role(*REQUESTS):
        return []
    found = Camera.objects.filter(site__in=site_ids(user), modality=Modality.CENTRAL)
    return list(found.select_related("site"))
