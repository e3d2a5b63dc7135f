"""Who reads about fairness, and who says how large a place is."""

from django.http import Http404

from cameras.access import visible_sites
from cameras.models import Site
from paca_site.accounts.models import Role, User
from paca_site.oversight.fairness.models import SiteFacts

READS = (Role.SUPERVISOR, Role.ADMINISTRATOR, Role.AUDITOR)
READS_DECISIONS = (Role.SUPERVISOR, Role.AUDITOR)
"""Administrators run cameras; how people decide is not theirs."""


def facts_of(site: Site) -> SiteFacts | None:
    """Return what is known of a site that was reached through an access function."""
    return SiteFacts.objects.filter(site=site).select_related("by").first()


def access_facts_site(user: User, pk: int) -> Site:
    """Return a site to say how large it is: administrators of it.

    Raises:
        Http404: there is none, it is out of scope, or the role may not.
    """
    sites = visible_sites(user) if user.has_role(Role.ADMINISTRATOR) else []
    site = next((site for site in sites if site.pk == pk), None)
    if site is None:
        raise Http404("No such site.")
    return site
