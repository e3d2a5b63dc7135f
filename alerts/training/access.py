"""Who reads of whose training: supervisors and auditors of the people of their sites; supervisors grant."""

from django.db.models import QuerySet
from django.http import Http404

from paca_site.accounts.access import site_ids
from paca_site.accounts.models import Role, SiteScope, User
from paca_site.accounts.training.models import Certificate
from paca_site.accounts.training.standing import NEEDS_CERTIFICATE

SEES_PEOPLE = (Role.SUPERVISOR, Role.AUDITOR)


def visible_people(user: User) -> QuerySet[User]:
    """People who decide alerts at sites of this person: supervisors and auditors see them, by name."""
    if not user.has_role(*SEES_PEOPLE):
        return User.objects.none()
    at_site = SiteScope.objects.current().filter(site__in=site_ids(user)).values("user")
    decides = User.objects.filter(is_active=True, role__in=NEEDS_CERTIFICATE, pk__in=at_site)
    return decides.order_by("last_name", "first_name", "username")


def may_grant(user: User, person: User) -> bool:
    """Return whether a supervisor may grant to, or withdraw from, a person: of a site of theirs, and not oneself."""
    return user.has_role(Role.SUPERVISOR) and user != person and visible_people(user).filter(pk=person.pk).exists()


def access_person(user: User, pk: int) -> User:
    """Return a person to grant them a certificate: supervisors of a site of that person, who is not they.

    Raises:
        Http404: there is none, they work elsewhere or decide nothing, or the role may not.
    """
    person = visible_people(user).filter(pk=pk).first()
    if person is None or not user.has_role(Role.SUPERVISOR) or person == user:
        raise Http404("No such person.")
    return person


def visible_certificates(user: User) -> QuerySet[Certificate]:
    """Certificates of the people whom this person may see, what counts longest first."""
    found = Certificate.objects.filter(person__in=visible_people(user))
    return found.select_related("person", "granted_by", "withdrawn_by")


def access_certificate(user: User, pk: int) -> Certificate:
    """Return a certificate to withdraw it: supervisors of a site of its person, who is not they.

    Raises:
        Http404: there is none, it is out of scope, it is one's own, or the role may not.
    """
    found = visible_certificates(user).filter(pk=pk).first()
    if found is None or not user.has_role(Role.SUPERVISOR) or found.person == user:
        raise Http404("No such certificate.")
    return found


def own_certificates(user: User) -> QuerySet[Certificate]:
    """Return a person's own certificates."""
    return Certificate.objects.filter(person=user).select_related("granted_by", "withdrawn_by")
