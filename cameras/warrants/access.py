"""The only way to a release for a person: absent and not yours are the same 404."""

from datetime import timedelta
from typing import Final

from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone

from cameras.models import Camera, Modality
from cameras.warrants.models import FootageRelease, State, Viewing
from cameras.warrants.standing import VIEWS, viewer_against
from paca_site.accounts.access import site_ids
from paca_site.accounts.models import Role, SiteScope, User

SEES_RELEASES = (Role.SUPERVISOR, Role.ADMINISTRATOR, Role.CUSTODIAN, Role.AUDITOR)
VIEWED_FOR: Final = timedelta(minutes=10)
"""What was asked for can be played for so long."""
REQUESTS = (Role.SUPERVISOR, Role.ADMINISTRATOR)


def visible_releases(user: User) -> list[FootageRelease]:
    """Return the releases of the person's sites, newest first; operators see none."""
    if not user.has_role(*SEES_RELEASES):
        return []
    found = FootageRelease.objects.filter(site__in=site_ids(user))
    return list(found.select_related("site", "requested_by").prefetch_related("parts__camera"))


def access_release(
    user: User, pk: int, *, request: bool = False, decide: bool = False, end: bool = False
) -> FootageRelease:
    """Return a release of the person's sites.

    Args:
        user: who asks.
        pk: the release.
        request: the person will withdraw it: those who may request.
        decide: the person will confirm, approve or refuse it: supervisors and custodians.
        end: the person will end it while it is open: those who may request, and custodians.

    Raises:
        Http404: there is none, it is out of scope, or the role may not.
    """
    if not user.has_role(*SEES_RELEASES):
        raise Http404("No such release.")
    if request and user.role not in REQUESTS:
        raise Http404("No such release.")
    if end and user.role not in (*REQUESTS, Role.CUSTODIAN):
        raise Http404("No such release.")
    if decide and user.role not in (Role.SUPERVISOR, Role.CUSTODIAN):
        raise Http404("No such release.")
    found = (
        FootageRelease.objects.filter(pk=pk, site__in=site_ids(user))
        .select_related("site", "requested_by", "viewer", "confirmed_by", "approved_by", "closed_by")
        .prefetch_related("parts__camera", "parts__files", "parts__hold", "parts__viewings")
        .first()
    )
    if found is None:
        raise Http404("No such release.")
    return found


def access_released(user: User, pk: int) -> FootageRelease:
    """Return a release that was opened to the person as its viewer; whether it still is, the page and services say.

    Raises:
        Http404: there is none, it names another viewer, was never opened, or role or site were taken away.
    """
    found = (
        FootageRelease.objects.filter(pk=pk, viewer=user, state__in=(State.OPEN, State.ENDED), site__in=site_ids(user))
        .select_related("site")
        .prefetch_related("parts__camera", "parts__keys")
        .first()
    )
    if found is None or viewer_against(user, found):
        raise Http404("No such release.")
    return found


def access_viewing(release: FootageRelease, pk: int) -> Viewing:
    """Return what the viewer asked to see of a release within the last `VIEWED_FOR`.

    The caller has reached the release through `access_released`.

    Raises:
        Http404: it was asked for in another release, or too long ago: it is asked for anew, and written down anew.
    """
    since = timezone.now() - VIEWED_FOR
    found = Viewing.objects.filter(pk=pk, part__release=release, viewed_at__gte=since).select_related("part__camera")
    viewing = found.first()
    if viewing is None:
        raise Http404("No such viewing.")
    return viewing


def releasable_viewers(user: User) -> QuerySet[User]:
    """Return who may be named as viewer by a person who requests: others, at their sites, with a role that watches."""
    at_site = SiteScope.objects.current().filter(site__in=site_ids(user)).values("user")
    return User.objects.filter(pk__in=at_site, role__in=VIEWS, is_active=True).exclude(pk=user.pk).order_by("username")


def releasable_cameras(user: User) -> list[Camera]:
    """Return the central cameras of the sites of a person who may request; the others never have raw footage."""
    if not user.has_role(*REQUESTS):
        return []
    found = Camera.objects.filter(site__in=site_ids(user), modality=Modality.CENTRAL)
    return list(found.select_related("site"))
