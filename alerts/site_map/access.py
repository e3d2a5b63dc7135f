"""Who sees a site's map and who may change its plan."""

from django.http import Http404

from alerts.access import open_alerts
from alerts.models import Alert
from alerts.site_map.models import SitePlan
from cameras.access import SEES_FOOTAGE, visible_sites
from cameras.models import Site
from paca_site.accounts.access import site_ids
from paca_site.accounts.models import Role, User

SEES_MAP = (*SEES_FOOTAGE, Role.ADMINISTRATOR)
MOST_ALERTS = 99  # numbered on the map, most urgent first; the page says how many there are in all


def map_sites(user: User) -> list[Site]:
    """Return the sites whose map a person can open."""
    return visible_sites(user) if user.has_role(*SEES_MAP) else []


def access_map_site(user: User, pk: int, *, write: bool = False) -> Site:
    """Return a site to see its map: operators, supervisors and administrators; to change its plan: administrators.

    Raises:
        Http404: there is none, it is out of scope, or the role may not.
    """
    if not user.has_role(*((Role.ADMINISTRATOR,) if write else SEES_MAP)):
        raise Http404("No such map.")
    site = Site.objects.filter(pk=pk, pk__in=site_ids(user)).first()
    if site is None:
        raise Http404("No such map.")
    return site


def plan_of(site: Site, *, with_picture: bool = False) -> SitePlan | None:
    """Return the plan of a site that was reached through `access_map_site`."""
    found = SitePlan.objects.filter(site=site)
    return (found if with_picture else found.defer("picture")).first()


def map_alerts(user: User, site: Site) -> tuple[list[Alert], int]:
    """Return the alerts to mark on a map, in the queue's order, and how many there are in all.

    Administrators look after cameras and see no alerts.
    """
    if not user.has_role(*SEES_FOOTAGE):
        return [], 0
    waiting = open_alerts(user).filter(camera__site=site)
    shown = list(waiting[:MOST_ALERTS])
    return shown, len(shown) if len(shown) < MOST_ALERTS else waiting.count()
