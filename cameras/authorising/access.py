"""The only way to an authorisation for a person: absent and not yours are the same 404."""

from django.http import Http404

from cameras.access import SEES_CONFIGURATION
from cameras.authorising.models import Authorisation, AuthorisationQuerySet
from paca_site.accounts.access import site_ids
from paca_site.accounts.models import Role, User


def visible_authorisations(user: User) -> AuthorisationQuerySet:
    """Authorisations of the person's sites: supervisors, administrators and auditors."""
    if not user.has_role(*SEES_CONFIGURATION):
        return Authorisation.objects.none()
    return (
        Authorisation.objects.filter(site__in=site_ids(user))
        .select_related("site", "drafted_by", "signed_by", "withdrawn_by")
        .prefetch_related("cameras")
    )


def access_authorisation(user: User, pk: int, *, write: bool = False, sign: bool = False) -> Authorisation:
    """Return an authorisation of the person's sites.

    Args:
        user: who asks.
        pk: the authorisation.
        write: the person will change the draft: administrators.
        sign: the person will sign or withdraw it: supervisors.

    Raises:
        Http404: there is none, it is out of scope, or the role may not.
    """
    if (write and user.role != Role.ADMINISTRATOR) or (sign and user.role != Role.SUPERVISOR):
        raise Http404("No such authorisation.")
    found = visible_authorisations(user).filter(pk=pk).first()
    if found is None:
        raise Http404("No such authorisation.")
    return found
