"""Inviting, taking an invitation, letting in, revoking: three people for one account, each step in the trail."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from cameras.inviting.access import LETS_IN
from cameras.inviting.models import SHORTEST_REASON, Invitation, token_hash, token_make
from cameras.models import Site
from paca_site.accounts.access import site_ids
from paca_site.accounts.models import Role, SiteScope, User
from paca_site.audit.services import audit_record

KEPT: Final = timedelta(days=30)
"""How long an invitation that nobody took stays after its end."""


@transaction.atomic
def invitation_make(*, invitation: Invitation, sites: Sequence[Site], actor: User) -> str:
    """Invite somebody to sites that the inviter works with. Audit: `account.invited`.

    Returns:
        The token of the link, which is stored as a hash only: it is shown, or sent, this once.

    Raises:
        ValidationError: the actor is no administrator, a site is not theirs or none is given, the end has passed.
    """
    if not actor.has_role(Role.ADMINISTRATOR):
        raise ValidationError(gettext("Only administrators invite."))
    if not sites or not {site.pk for site in sites} <= set(site_ids(actor)):
        raise ValidationError(gettext("Name at least one site, and only sites that you work with."))
    if invitation.scope_ends_at is not None and invitation.scope_ends_at <= timezone.now():
        raise ValidationError(gettext("The end must lie ahead."))
    token = token_make()
    invitation.token_hash = token_hash(token)
    invitation.made_by = actor
    invitation.expires_at = timezone.now() + timedelta(hours=settings.INVITATION_HOURS)
    invitation.full_clean()
    invitation.save()
    invitation.sites.set(sites)
    _record("invited", invitation, actor, expires_at=invitation.expires_at.isoformat(), reason=invitation.reason)
    return token


def against_taking(invitation: Invitation) -> str:
    """Return why the link opens nothing, in a sentence to whoever holds it; empty where it opens."""
    if invitation.state in {"waiting", "done"}:
        return gettext("This invitation was taken already. If it was not you, tell the administrator at once.")
    if invitation.state == "revoked":
        return gettext("This invitation was taken back.")
    if invitation.state == "expired":
        return gettext("This invitation has expired.")
    if not invitation.made_by.has_role(Role.ADMINISTRATOR):
        return gettext("This invitation does not hold any more.")
    return ""


@transaction.atomic
def invitation_take(*, invitation: Invitation, username: str, full_name: str, password: str | None) -> User:
    """Make the account that was invited: closed, without sites, until somebody lets the person in.

    Audit: `account.created`. Nobody is signed in, so the trail names the system and the invitation.

    Args:
        invitation: whose link was opened.
        username: what the person will sign in with.
        full_name: their own name.
        password: their choice; None where an identity provider says who they are.

    Raises:
        ValidationError: the link opens nothing (any more), the name is taken, the password is too weak.
    """
    invitation = Invitation.objects.select_for_update(of=("self",)).select_related("made_by").get(pk=invitation.pk)
    if reason := against_taking(invitation):
        raise ValidationError(reason)
    first_name, _, last_name = full_name.strip().partition(" ")
    user = User(username=username, role=invitation.role, first_name=first_name, last_name=last_name, is_active=False)
    if password is None:
        user.set_unusable_password()
    else:
        validate_password(password, user)
        user.set_password(password)
    user.full_clean()
    user.save()
    invitation.taken_by, invitation.taken_at, invitation.email = user, timezone.now(), ""
    invitation.save(update_fields=["taken_by", "taken_at", "email"])
    audit_record(
        action="account.created",
        actor=None,
        subject=f"user:{user.pk}",
        details={"username": username, "role": invitation.role, "invitation": invitation.pk},
    )
    return user


def against_confirming(invitation: Invitation, actor: User) -> str:
    """Return why a person may not let somebody in, in a sentence to them; empty where they may."""
    if invitation.state != "waiting":
        return gettext("Nobody waits here.")
    if not actor.has_role(*LETS_IN):
        return gettext("Administrators and supervisors let people in.")
    if invitation.made_by_id == actor.pk:
        return gettext("You invited them: somebody else lets them in.")
    if not {site.pk for site in invitation.sites.all()} <= set(site_ids(actor)):
        return gettext("They are to work with a site that you do not work with.")
    if invitation.scope_ends_at is not None and invitation.scope_ends_at <= timezone.now():
        return gettext("The end of their work has passed. Revoke this, and invite them anew.")
    return ""


@transaction.atomic
def invitation_confirm(*, invitation: Invitation, actor: User) -> User:
    """Let the person in: their account opens, with the sites they were invited to. Audit: `account.let-in`.

    Raises:
        ValidationError: as `against_confirming` says.
    """
    invitation = Invitation.objects.select_for_update().get(pk=invitation.pk)
    if reason := against_confirming(invitation, actor):
        raise ValidationError(reason)
    user = User.objects.select_for_update().get(invitation=invitation)
    invitation.confirmed_by, invitation.confirmed_at = actor, timezone.now()
    invitation.save(update_fields=["confirmed_by", "confirmed_at"])
    for site in invitation.sites.all():
        SiteScope.objects.create(user=user, site=site, starts_at=timezone.now(), ends_at=invitation.scope_ends_at)
    user.is_active = True
    user.save(update_fields=["is_active"])
    _record("let-in", invitation, actor, username=user.username, subject=f"user:{user.pk}")
    return user


@transaction.atomic
def invitation_revoke(*, invitation: Invitation, actor: User, reason: str) -> None:
    """Take an invitation back, or refuse who took it: their account stays closed. Audit: `account.invitation-revoked`.

    Raises:
        ValidationError: they are in already, it is revoked already, or the reason is too short.
    """
    if len(reason.strip()) < SHORTEST_REASON:
        raise ValidationError(gettext("Say why, in at least {count} characters.").format(count=SHORTEST_REASON))
    invitation = Invitation.objects.select_for_update().get(pk=invitation.pk)
    if invitation.state not in {"open", "waiting", "expired"}:
        raise ValidationError(gettext("It is over already."))
    invitation.revoked_by, invitation.revoked_at, invitation.email = actor, timezone.now(), ""
    invitation.revoke_reason = reason.strip()[:300]
    invitation.save(update_fields=["revoked_by", "revoked_at", "revoke_reason", "email"])
    _record("invitation-revoked", invitation, actor, reason=invitation.revoke_reason)


@transaction.atomic
def invitations_tidy() -> int:
    """Forget addresses of links that open nothing any more, and invitations nobody took, 30 days after their end.

    Audit: `account.invitations-purged`, where there were some.

    Returns:
        How many invitations were deleted.
    """
    now = timezone.now()
    Invitation.objects.filter(expires_at__lte=now).exclude(email="").update(email="")
    over = Invitation.objects.filter(taken_at=None, expires_at__lte=now - KEPT)
    keys = list(over.order_by("pk").values_list("pk", flat=True))
    if keys:
        over.filter(pk__in=keys).delete()
        audit_record(action="account.invitations-purged", actor=None, details={"invitations": keys})
    return len(keys)


def _record(change: str, invitation: Invitation, actor: User, *, subject: str = "", **details: Any) -> None:
    sites = list(invitation.sites.all())
    until = invitation.scope_ends_at
    audit_record(
        action=f"account.{change}",
        actor=actor,
        subject=subject or f"invitation:{invitation.pk}",
        site_id=sites[0].pk if len(sites) == 1 else None,
        details={
            "invitation": invitation.pk,
            "for": invitation.for_whom,
            "role": invitation.role,
            "sites": [site.slug for site in sites],
            "until": until.isoformat() if until else None,
            **details,
        },
    )
