"""Who is asking: the person behind a request, and the gate that lets only some roles through a page."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from paca_site.accounts.models import Role, SiteScope, User


def signed_in(request: HttpRequest) -> User:
    """Return the person behind a request.

    Raises:
        PermissionDenied: nobody is signed in.
    """
    if not isinstance(request.user, User) or not request.user.is_active:
        raise PermissionDenied(gettext("Nobody is signed in."))
    return request.user


P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]

PEOPLE = {
    Role.OPERATOR: _("operators"),
    Role.SUPERVISOR: _("supervisors"),
    Role.ADMINISTRATOR: _("administrators"),
    Role.CUSTODIAN: _("custodians"),
    Role.AUDITOR: _("auditors"),
}


def site_ids(user: User) -> list[int]:
    """Return the ids of the sites that the person may see now."""
    return list(SiteScope.objects.current().filter(user=user).values_list("site_id", flat=True))


def role_required(*roles: Role) -> Callable[[View[P]], View[P]]:
    """Let only people with one of `roles` open a view; everybody else gets 403."""

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def gate(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not signed_in(request).has_role(*roles):
                people = gettext(" and ").join(str(PEOPLE[Role(role)]) for role in roles)
                raise PermissionDenied(gettext("This page is for {people}.").format(people=people))
            return view(request, *args, **kwargs)

        return gate

    return decorate
