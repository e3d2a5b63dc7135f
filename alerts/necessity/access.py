"""Who reads proposals (supervisors, administrators, auditors of the site) and who answers them (supervisors)."""

from django.http import Http404

from alerts.necessity.models import Proposal, ProposalQuerySet
from cameras.access import SEES_CONFIGURATION
from paca_site.accounts.access import site_ids
from paca_site.accounts.models import Role, User


def visible_proposals(user: User) -> ProposalQuerySet:
    """Proposals of the person's sites."""
    if not user.has_role(*SEES_CONFIGURATION):
        return Proposal.objects.none()
    return Proposal.objects.filter(site__in=site_ids(user)).select_related("site", "camera", "answered_by")


def access_proposal(user: User, pk: int) -> Proposal:
    """Return a proposal that the person may answer.

    Raises:
        Http404: there is none, it is out of scope, or the role may not.
    """
    found = visible_proposals(user).filter(pk=pk).first() if user.has_role(Role.SUPERVISOR) else None
    if found is None:
        raise Http404("No such proposal.")
    return found
