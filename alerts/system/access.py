"""The only way to a system alert for a person: absent and not yours are the same 404."""

from django.db.models import Q, QuerySet
from django.http import Http404

from alerts.system.models import Supervision, SystemAlert
from cameras.access import Watcher, watching_user
from paca_site.accounts.access import site_ids
from paca_site.accounts.models import Role, User

SEES_CAMERAS = (Role.OPERATOR, Role.SUPERVISOR, Role.ADMINISTRATOR)
SEES_WHOLE = (Role.SUPERVISOR, Role.ADMINISTRATOR)


def visible_system_alerts(user: User) -> QuerySet[SystemAlert]:
    """Told alerts of the person's cameras; supervisors and administrators: also of the whole system. Newest first."""
    if not user.has_role(*SEES_CAMERAS):
        return SystemAlert.objects.none()
    mine = Q(camera__site__in=site_ids(user))
    if user.has_role(*SEES_WHOLE):
        mine |= Q(camera=None)
    return SystemAlert.objects.told().filter(mine).select_related("camera__site", "acknowledged_by")


def access_system_alert(user: User, pk: int) -> SystemAlert:
    """Return a system alert to read and acknowledge: those whom `visible_system_alerts` tells of it.

    Raises:
        Http404: there is none, it is out of scope, or the role may not.
    """
    alert = visible_system_alerts(user).filter(pk=pk).first()
    if alert is None:
        raise Http404("No such system alert.")
    return alert


def listening_places(watcher: Watcher) -> tuple[list[int], bool] | None:
    """Return the sites whose cameras a connection may be told of now, and whether also of the whole system.

    None where of nothing at all.
    """
    user = watching_user(watcher, *SEES_CAMERAS)
    return None if user is None else (site_ids(user), user.has_role(*SEES_WHOLE))


def last_supervision() -> Supervision | None:
    """Return when the system was last checked; everybody may know."""
    return Supervision.objects.order_by("pk").first()
