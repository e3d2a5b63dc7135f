"""Who may take a step in a release, and why others may not: the triggers hold the same, these are the words."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext

from cameras.warrants.models import FootageRelease, Grant, State
from paca_site.accounts.access import PEOPLE
from paca_site.accounts.models import Role, SiteScope, User

DECIDES = {State.REQUESTED: Role.SUPERVISOR, State.CONFIRMED: Role.CUSTODIAN}
"""Whose step it is, by state."""
VIEWS = (Role.OPERATOR, Role.SUPERVISOR, Role.AUDITOR)
"""Who may be named as viewer: not those who hold the keys or run the machine."""


@dataclass(frozen=True, slots=True)
class Powers:
    """Since when a person has what they have, read once for many releases.

    Attributes:
        since: when role (None) and sites, by key, were given.
        from_at: start of the scopes that hold now, by site; None where they have none.
    """

    since: dict[int | None, datetime]
    from_at: dict[int, datetime | None]


def powers_of(user: User) -> Powers:
    """Return since when a person has role and sites."""
    return Powers(
        since=dict(Grant.objects.filter(user=user).values_list("site_id", "given_at")),
        from_at=dict(SiteScope.objects.current().filter(user=user).values_list("site_id", "starts_at")),
    )


def standing_against(user: User, release: FootageRelease, powers: Powers | None = None) -> str:
    """Return why a person may not decide in a release now, in one sentence; empty where they may."""
    role = DECIDES.get(State(release.state))
    if role is None:
        return gettext("This release is over: {state}.").format(state=release.get_state_display())
    if timezone.now() >= release.decide_by:
        return gettext("Its time to be decided was over at {moment:%Y-%m-%d %H:%M} UTC.").format(
            moment=release.decide_by
        )
    if not user.has_role(role):
        return gettext("This step is for {people}.").format(people=PEOPLE[role])
    if user.pk == release.requested_by_id:
        return gettext("You requested this release; another person must take this step.")
    if user.pk == release.confirmed_by_id:
        return gettext("You confirmed this release; another person must take this step.")
    if user.pk == release.viewer_id:
        return gettext("You are the viewer named in this release; another person must take this step.")
    return _given_since(release, powers or powers_of(user))


def viewer_against(viewer: User, release: FootageRelease) -> str:
    """Return why the viewer named in a release may not watch it, in one sentence; empty where they may."""
    if not viewer.has_role(*VIEWS):
        return gettext("The viewer named in this release is not active, or has a role that watches nothing.")
    if _given_since(release, powers_of(viewer)):
        return gettext("The viewer named in this release was given their role or this site after it was requested.")
    return ""


def _given_since(release: FootageRelease, powers: Powers) -> str:
    if release.site_id not in powers.from_at:
        return gettext("You do not work with this site.")
    role_at, site_at = powers.since.get(None), powers.since.get(release.site_id)
    if role_at is None or role_at > release.requested_at:
        return gettext("You were given your role after this release was requested; another person must take this step.")
    begins_at = powers.from_at[release.site_id]
    if site_at is None or max(site_at, begins_at or site_at) > release.requested_at:
        return gettext("You were given this site after this release was requested; another person must take this step.")
    return ""
