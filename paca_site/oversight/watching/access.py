"""Of whom and of which cameras a person may ask: supervisors and auditors, within their sites."""

from django.db.models import QuerySet

from cameras.models import Camera
from paca_site.accounts.access import site_ids
from paca_site.accounts.models import Role, User

READS = (Role.SUPERVISOR, Role.AUDITOR)


def askable_cameras(user: User) -> QuerySet[Camera]:
    """Cameras of the person's sites."""
    if not user.has_role(*READS):
        return Camera.objects.none()
    return Camera.objects.filter(site__in=site_ids(user)).select_related("site")


def askable_people(user: User) -> QuerySet[User]:
    """Everybody for auditors, as in their trail; for supervisors whoever has or had a scope at one of their sites.

    Whoever is asked about: only what they looked at on the asker's sites is counted.
    """
    if user.has_role(Role.AUDITOR):
        return User.objects.order_by("username")
    if user.has_role(Role.SUPERVISOR):
        return User.objects.filter(scopes__site__in=site_ids(user)).distinct().order_by("username")
    return User.objects.none()
