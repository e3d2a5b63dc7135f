"""Who may reach a complaint: staff of the site by its number, the person who filed it by reference and secret."""

from django.http import Http404

from paca_site.accounts.access import site_ids
from paca_site.accounts.models import Role, User
from paca_site.oversight.redress.codes import hash_of, is_secret, tidy
from paca_site.oversight.redress.models import Complaint, ComplaintQuerySet

READS = (Role.SUPERVISOR, Role.AUDITOR)
WRITES = (Role.SUPERVISOR,)


def visible_complaints(user: User) -> ComplaintQuerySet:
    """Complaints about the sites of a supervisor or auditor."""
    if not user.has_role(*READS):
        return Complaint.objects.none()
    return Complaint.objects.filter(site__in=site_ids(user)).select_related("site", "answered_by")


def access_complaint(user: User, pk: int, *, write: bool = False) -> Complaint:
    """Return a complaint about one of the person's sites.

    Args:
        user: who asks.
        pk: the complaint.
        write: the person will work on it: supervisors.

    Raises:
        Http404: there is none, it is out of scope, or the role may not.
    """
    if write and not user.has_role(*WRITES):
        raise Http404("No such complaint.")
    complaint = visible_complaints(user).filter(pk=pk).first()
    if complaint is None:
        raise Http404("No such complaint.")
    return complaint


def find_own(reference: str, secret: str) -> Complaint | None:
    """Return the complaint that reference and secret together open; None for any other pair."""
    complaint = Complaint.objects.select_related("site").filter(reference=tidy(reference)).first()
    known = complaint.secret_sha256 if complaint else hash_of("nobody")
    return complaint if is_secret(secret, known) and complaint else None
