"""Who has an account, in which role, at which sites: every change with a reason and an entry in the trail."""

import secrets
from collections.abc import Iterable
from datetime import datetime

from allauth.mfa.models import Authenticator
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from cameras.models import Site
from paca_site.accounts.models import Role, SiteScope, User
from paca_site.accounts.sessions import sessions_remove
from paca_site.audit.services import audit_record

ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


def password_make() -> str:
    """Return a random password that can be read out and typed: 4 groups of 4, about 79 bits."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(4))


@transaction.atomic
def person_add(
    *, username: str, full_name: str, role: Role, sites: Iterable[Site], until: datetime | None, reason: str
) -> tuple[User, str]:
    """Open an account for one person; audit `account.created`.

    Args:
        username: what they sign in with.
        full_name: their own name, as colleagues read it.
        role: what they do; one each.
        sites: where they do it, at least one.
        until: when the person's scopes end; None for open.
        reason: why, for the trail.

    Returns:
        The person, and their password, for them to change. It is stored nowhere else.

    Raises:
        ValidationError: the name is taken or not allowed, no site or no reason is given, `until` has passed.
    """
    sites = list(sites)
    _reason_check(reason)
    _until_check(until)
    if not sites:
        raise ValidationError("A person needs at least one site; none was given.")
    first_name, _, last_name = full_name.strip().partition(" ")
    user = User(username=username, role=role, first_name=first_name, last_name=last_name)
    password = password_make()
    validate_password(password, user)
    user.set_password(password)
    user.full_clean()
    user.save()
    for site in sites:
        SiteScope.objects.create(user=user, site=site, ends_at=until)
    _record("created", user, reason, role=role, sites=[site.slug for site in sites], until=_iso(until))
    return user, password


@transaction.atomic
def person_role_change(*, user: User, role: Role, reason: str) -> None:
    """Give a person another role; they keep their account, so that nobody approves what they asked for themselves.

    Audit `account.role-changed`. What they hold open follows at their next request and within 30 s on sockets.

    Raises:
        ValidationError: it is their role already, they are the last administrator, or no reason is given.
    """
    _reason_check(reason)
    _lock(user)
    if user.role == role:
        raise ValidationError(f"{user.username} is {role} already.")
    _last_administrator_check(user)
    before = user.role
    user.role = role
    user.save(update_fields=["role"])
    _record("role-changed", user, reason, before=before, role=role)


@transaction.atomic
def person_active_set(*, user: User, is_active: bool, reason: str) -> None:
    """Close a person's account and remove their sessions, or open it again.

    Audit `account.deactivated` or `account.reactivated`.

    Raises:
        ValidationError: it is so already, they are the last administrator, or no reason is given.
    """
    _reason_check(reason)
    _lock(user)
    if user.is_active == is_active:
        raise ValidationError(f"{user.username} is {'active' if is_active else 'deactivated'} already.")
    if not is_active:
        _last_administrator_check(user)
        sessions_remove(user)
    user.is_active = is_active
    user.save(update_fields=["is_active"])
    _record("reactivated" if is_active else "deactivated", user, reason, role=user.role)


@transaction.atomic
def person_password_set(*, user: User, reason: str) -> str:
    """Give a person a new random password, which ends all their sessions; audit `account.password-set`; returns it."""
    _reason_check(reason)
    _lock(user)
    password = password_make()
    user.set_password(password)
    user.save(update_fields=["password"])
    _record("password-set", user, reason)
    return password


@transaction.atomic
def person_second_factor_remove(*, user: User, reason: str) -> None:
    """Forget a lost second factor and its recovery codes; audit `account.second-factor-removed`.

    Raises:
        ValidationError: they have none, or no reason is given.
    """
    _reason_check(reason)
    _lock(user)
    if not Authenticator.objects.filter(user=user).delete()[0]:
        raise ValidationError(f"{user.username} has no second factor.")
    _record("second-factor-removed", user, reason)


@transaction.atomic
def scope_grant(*, user: User, site: Site, until: datetime | None, reason: str) -> None:
    """Let a person work with a site from now, until a moment where one is given; audit `account.scope-granted`.

    Raises:
        ValidationError: `until` has passed, or no reason is given.
    """
    _reason_check(reason)
    _until_check(until)
    _lock(user)
    SiteScope.objects.update_or_create(user=user, site=site, defaults={"starts_at": timezone.now(), "ends_at": until})
    _record("scope-granted", user, reason, site_id=site.pk, site=site.slug, until=_iso(until))


@transaction.atomic
def scope_end(*, user: User, site: Site, reason: str) -> None:
    """End a person's work with a site now; audit `account.scope-ended`.

    Raises:
        ValidationError: they do not work with the site, or no reason is given.
    """
    _reason_check(reason)
    _lock(user)
    # one that was to begin later begins and ends now
    future_or_current = SiteScope.objects.filter(user=user, site=site).exclude(ends_at__lte=timezone.now())
    if not future_or_current.update(ends_at=timezone.now()):
        raise ValidationError(f"{user.username} does not work with site {site.slug}.")
    _record("scope-ended", user, reason, site_id=site.pk, site=site.slug)


def _lock(user: User) -> None:
    """Read a person anew and hold their row, with those of all administrators: two may not leave at once."""
    list(User.objects.select_for_update().filter(role=Role.ADMINISTRATOR).order_by("pk"))
    User.objects.select_for_update().get(pk=user.pk)
    user.refresh_from_db()


def _last_administrator_check(user: User) -> None:
    others = User.objects.filter(role=Role.ADMINISTRATOR, is_active=True).exclude(pk=user.pk)
    if user.is_active and user.role == Role.ADMINISTRATOR and not others.exists():
        raise ValidationError(f"{user.username} is the last administrator; make another one first.")


def _reason_check(reason: str) -> None:
    if not reason.strip():
        raise ValidationError("A reason is needed; it stands in the audit trail.")


def _until_check(until: datetime | None) -> None:
    if until is not None and until <= timezone.now():
        raise ValidationError(f"The end of a scope must lie ahead; got {until.isoformat()}.")


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment is not None else None


def _record(change: str, user: User, reason: str, *, site_id: int | None = None, **details: object) -> None:
    audit_record(
        action=f"account.{change}",
        actor=None,
        subject=f"user:{user.pk}",
        site_id=site_id,
        details={"username": user.username, "reason": reason.strip(), **details},
    )
