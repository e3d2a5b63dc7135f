"""Who plans test alerts, and who reads what came of them."""

from django.db.models import Count, QuerySet
from django.http import Http404

from alerts.access import access_alert
from alerts.models import Alert, AlertState, ClipState
from alerts.seeding.models import KnownClip, Seed, SeedPlan
from cameras.access import visible_sites
from cameras.models import Site
from paca_site.accounts.access import site_ids
from paca_site.accounts.models import Role, User

MOST_CANDIDATES = 30


def seeding_sites(user: User) -> list[Site]:
    """Return the sites whose test alerts a person plans: supervisors."""
    return visible_sites(user) if user.has_role(Role.SUPERVISOR) else []


def access_seeding_site(user: User, pk: int) -> Site:
    """Return a site to plan its test alerts: supervisors.

    Raises:
        Http404: there is none, it is out of scope, or the role may not.
    """
    site = next((site for site in seeding_sites(user) if site.pk == pk), None)
    if site is None:
        raise Http404("No such site.")
    return site


def plan_of(site: Site) -> SeedPlan | None:
    """Return the plan of a site that was reached through `access_seeding_site`."""
    return SeedPlan.objects.filter(site=site).select_related("by").first()


def known_clips(site: Site) -> list[KnownClip]:
    """Return the known clips of a site, newest first, each with how often it was `shown`."""
    found = KnownClip.objects.filter(alert__camera__site=site).select_related("alert__camera__site", "by")
    return list(found.annotate(shown=Count("seeds")).order_by("-at"))


def candidates(site: Site) -> list[Alert]:
    """Return the newest decided alerts of a site whose clip could be chosen."""
    decided = Alert.objects.filter(
        camera__site=site,
        state__in=[AlertState.CONFIRMED, AlertState.DISMISSED],
        clip_state=ClipState.READY,
        ended_at__isnull=False,
        known_clip=None,
    )
    return list(decided.select_related("camera__site").order_by("-raised_at")[:MOST_CANDIDATES])


def access_candidate(user: User, pk: int) -> Alert:
    """Return an alert to choose its clip: supervisors of its site; a seeded one is none.

    Raises:
        Http404: there is none, it is out of scope, or the role may not.
    """
    if not user.has_role(Role.SUPERVISOR):
        raise Http404("No such alert.")
    alert = access_alert(user, pk)
    if alert.is_seeded:
        raise Http404("No such alert.")
    return alert


def access_known_clip(user: User, pk: int) -> KnownClip:
    """Return a known clip to place or remove it: supervisors of its site.

    Raises:
        Http404: there is none, it is out of scope, or the role may not.
    """
    if not user.has_role(Role.SUPERVISOR):
        raise Http404("No such clip.")
    found = KnownClip.objects.filter(pk=pk, alert__camera__site__in=site_ids(user)).select_related(
        "alert__camera__site"
    )
    clip = found.first()
    if clip is None:
        raise Http404("No such clip.")
    return clip


def own_seeds(user: User) -> QuerySet[Seed]:
    """Return the test alerts that a person decided, newest first."""
    return Seed.objects.decided().filter(by=user).select_related("alert__camera__site")


def site_seeds(site: Site) -> QuerySet[Seed]:
    """Return all test alerts of a site that was reached through `access_seeding_site`."""
    return Seed.objects.filter(alert__camera__site=site)
