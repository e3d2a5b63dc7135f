"""The only way to an assessment for a person: absent and not yours are the same 404."""

from django.http import Http404

from cameras.access import SEES_CONFIGURATION
from cameras.assessing.models import Assessment
from cameras.models import Site
from paca_site.accounts.access import site_ids
from paca_site.accounts.models import Role, User


def access_assessment(user: User, pk: int, *, answer: bool = False, sign: bool = False) -> Assessment:
    """Return an assessment of the person's sites.

    Args:
        user: who asks.
        pk: the assessment.
        answer: the person will answer or submit it: administrators.
        sign: the person will sign it or send it back: supervisors.

    Raises:
        Http404: there is none, it is out of scope, or the role may not.
    """
    if not user.has_role(*SEES_CONFIGURATION):
        raise Http404("No such assessment.")
    if answer and user.role != Role.ADMINISTRATOR:
        raise Http404("No such assessment.")
    if sign and user.role != Role.SUPERVISOR:
        raise Http404("No such assessment.")
    found = (
        Assessment.objects.filter(pk=pk, site__in=site_ids(user))
        .select_related("site", "questionnaire", "submitted_by", "signed_by", "returned_by", "started_by")
        .first()
    )
    if found is None:
        raise Http404("No such assessment.")
    return found


def access_site_to_assess(user: User, pk: int) -> Site:
    """Return a site to begin an assessment of: administrators, in their scope.

    Raises:
        Http404: there is none, it is out of scope, or the role may not.
    """
    found = Site.objects.filter(pk=pk, pk__in=site_ids(user)).first() if user.has_role(Role.ADMINISTRATOR) else None
    if found is None:
        raise Http404("No such site.")
    return found


def visible_assessments(user: User, site: Site, slug: str) -> list[Assessment]:
    """Return all assessments of a site by one questionnaire, newest first; the caller has access to one of them."""
    found = Assessment.objects.filter(site=site, slug=slug, site__in=site_ids(user))
    return list(found.select_related("signed_by", "questionnaire").order_by("-number"))
