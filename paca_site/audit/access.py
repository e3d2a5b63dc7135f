"""The only way to the trail for a person: auditors, entries of their sites and those that belong to no site."""

from django.db.models import Q, QuerySet
from django.http import Http404

from paca_site.accounts.access import site_ids
from paca_site.accounts.models import Role, User
from paca_site.audit.models import AuditEntry


def visible_entries(user: User) -> QuerySet[AuditEntry]:
    """Entries of the person's scope, newest first; nobody but auditors sees any."""
    if not user.has_role(Role.AUDITOR):
        return AuditEntry.objects.none()
    in_scope = Q(site_id=None) | Q(site_id__in=site_ids(user))
    return AuditEntry.objects.filter(in_scope).select_related("actor")


def access_entry(user: User, number: int) -> AuditEntry:
    """Return one entry: auditors, within their scope.

    Raises:
        Http404: there is none, it is out of scope, or the role may not.
    """
    entry = visible_entries(user).filter(number=number).first()
    if entry is None:
        raise Http404("No such entry.")
    return entry


def last_entry(action: str) -> AuditEntry | None:
    """Return the newest entry of an action, for pages that say when something last happened to people of any role."""
    return AuditEntry.objects.filter(action=action).select_related("actor").first()
