"""The only way to an invitation: for staff by site, for whoever is invited by the link."""

from typing import Final

from django.db.models import QuerySet
from django.http import Http404

from cameras.inviting.models import Invitation, token_hash
from paca_site.accounts.access import site_ids
from paca_site.accounts.models import Role, User

SEES_INVITATIONS: Final = (Role.ADMINISTRATOR, Role.SUPERVISOR, Role.AUDITOR)
LETS_IN: Final = (Role.ADMINISTRATOR, Role.SUPERVISOR)


def visible_invitations(user: User) -> QuerySet[Invitation]:
    """Invitations to the person's sites: administrators, supervisors, auditors."""
    if not user.has_role(*SEES_INVITATIONS):
        return Invitation.objects.none()
    found = Invitation.objects.filter(sites__in=site_ids(user)).distinct()
    return found.select_related("made_by", "taken_by", "confirmed_by", "revoked_by").prefetch_related("sites")


def access_invitation(user: User, pk: int, *, write: bool = False) -> Invitation:
    """Return an invitation to the person's sites.

    Args:
        user: who asks.
        pk: the invitation.
        write: to let in, or to revoke: administrators and supervisors.

    Raises:
        Http404: there is none, it is out of scope, or the role may not.
    """
    if write and not user.has_role(*LETS_IN):
        raise Http404("No such invitation.")
    invitation = visible_invitations(user).filter(pk=pk).first()
    if invitation is None:
        raise Http404("No such invitation.")
    return invitation


def access_invitation_by_link(token: str) -> Invitation:
    """Return the invitation of a link, in whatever state it is: whoever holds the link.

    Raises:
        Http404: there is none.
    """
    invitation = Invitation.objects.filter(token_hash=token_hash(token)).select_related("made_by").first()
    if invitation is None:
        raise Http404("No such invitation.")
    return invitation
