"""The only way to a camera, site or policy for a person: absent and not yours are the same 404."""

from django.http import Http404

from cameras.models import Camera, RetentionPolicy, Site
from paca_site.accounts.access import site_ids
from paca_site.accounts.models import Role, User

SEES_FOOTAGE = (Role.OPERATOR, Role.SUPERVISOR)
SEES_CONFIGURATION = (Role.ADMINISTRATOR, Role.SUPERVISOR, Role.AUDITOR)


def visible_sites(user: User) -> list[Site]:
    """Sites of the person's scope."""
    return list(Site.objects.filter(pk__in=site_ids(user)))


def visible_cameras(user: User) -> list[Camera]:
    """Cameras of the person's scope, with site, policy and health; for lists."""
    return list(
        Camera.objects.filter(site__in=site_ids(user)).select_related("site", "retention", "stream_state")
    )


def access_camera(user: User, pk: int, *, footage: bool = False, write: bool = False) -> Camera:
    """Return a camera of the person's scope.

    Args:
        user: who asks.
        pk: the camera.
        footage: the person will see (masked) pictures: operators and supervisors.
        write: the person will change it: administrators.

    Raises:
        Http404: there is none, it is out of scope, or the role may not.
    """
    if not user.is_active:
        raise Http404("No such camera.")
    if footage and user.role not in SEES_FOOTAGE:
        raise Http404("No such camera.")
    if write and user.role != Role.ADMINISTRATOR:
        raise Http404("No such camera.")
    if not footage and not write and user.role not in {*SEES_CONFIGURATION, *SEES_FOOTAGE}:
        raise Http404("No such camera.")
    camera = (
        Camera.objects.filter(pk=pk, site__in=site_ids(user)).select_related("site", "retention", "stream_state").first()
    )
    if camera is None:
        raise Http404("No such camera.")
    return camera


def access_policy(user: User, pk: int) -> RetentionPolicy:
    """Return a retention policy to change: administrators.

    Raises:
        Http404: there is none, or the role may not.
    """
    if not user.has_role(Role.ADMINISTRATOR):
        raise Http404("No such policy.")
    policy = RetentionPolicy.objects.filter(pk=pk).first()
    if policy is None:
        raise Http404("No such policy.")
    return policy
