"""Sign-in, sign-out and changes of what one signs in with leave a trace."""

from typing import Any, Final

from allauth.account.authentication import get_authentication_records
from allauth.account.signals import password_changed, password_set
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authentication_failed, authenticator_added, authenticator_removed, authenticator_reset
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest

from paca_site.accounts.models import User
from paca_site.accounts.passkeys import passkey_failed, passkey_renamed
from paca_site.accounts.sessions import session_ended
from paca_site.audit.services import audit_record_now

KINDS: Final[dict[str, str]] = {
    Authenticator.Type.TOTP: "authenticator app",
    Authenticator.Type.WEBAUTHN: "passkey",
    Authenticator.Type.RECOVERY_CODES: "recovery codes",
    "socialaccount": "identity provider",
}
"""Factors as the trail calls them, in English, whatever the person reads."""


@receiver(user_logged_in)
def record_sign_in(sender: type[User], user: User, request: HttpRequest, **kwargs: Any) -> None:
    """Record a sign-in, and with what: the password, a passkey, a code."""
    ways = [record.get("type") or record["method"] for record in get_authentication_records(request, user)]
    details = {"by": [KINDS.get(way, way) for way in ways]}
    audit_record_now(action="account.signed-in", actor=user, subject=f"user:{user.pk}", details=details)


@receiver(user_logged_out)
def record_sign_out(sender: type[User], user: User | None, **kwargs: Any) -> None:
    """Record a sign-out."""
    if user is not None:
        audit_record_now(action="account.signed-out", actor=user, subject=f"user:{user.pk}")


@receiver(session_ended)
def record_session_end(sender: type[User], user: User, reason: str, **kwargs: Any) -> None:
    """Record that the clock signed somebody out: `idle` or `over`."""
    audit_record_now(action="account.session-ended", actor=user, subject=f"user:{user.pk}", details={"reason": reason})


@receiver(user_login_failed)
def record_failure(sender: str, credentials: dict[str, Any], **kwargs: Any) -> None:
    """Record a failed sign-in under the name that was tried, cut short, as somebody may have typed a password there."""
    name = str(credentials.get("username") or "")
    known = User.objects.filter(username=name).exists()
    audit_record_now(action="account.sign-in-failed", actor=None, details={"username": name if known else "unknown"})


@receiver((password_changed, password_set))
def record_password(sender: type[User], user: User, **kwargs: Any) -> None:
    """Record that somebody changed their password."""
    audit_record_now(action="account.password-changed", actor=user, subject=f"user:{user.pk}")


def _record_factor(action: str, user: User, authenticator: Authenticator) -> None:
    details = {"kind": KINDS[authenticator.type]}
    if authenticator.type == Authenticator.Type.WEBAUTHN:
        details["name"] = authenticator.wrap().name
    audit_record_now(action=action, actor=user, subject=f"user:{user.pk}", details=details)


@receiver(authenticator_added)
def record_added(sender: type[Authenticator], user: User, authenticator: Authenticator, **kwargs: Any) -> None:
    """Record a new authenticator, or the first recovery codes."""
    is_codes = authenticator.type == Authenticator.Type.RECOVERY_CODES
    _record_factor("account.recovery-codes-made" if is_codes else "account.second-factor-added", user, authenticator)


@receiver(authenticator_reset)
def record_reset(sender: type[Authenticator], user: User, authenticator: Authenticator, **kwargs: Any) -> None:
    """Record new recovery codes in place of the old ones."""
    _record_factor("account.recovery-codes-made", user, authenticator)


@receiver(authenticator_removed)
def record_removed(sender: type[Authenticator], user: User, authenticator: Authenticator, **kwargs: Any) -> None:
    """Record that an authenticator is gone."""
    _record_factor("account.second-factor-removed", user, authenticator)


@receiver(authentication_failed)
def record_wrong_code(sender: type[Authenticator], user: User, **kwargs: Any) -> None:
    """Record a wrong code: the password was right, so somebody should know."""
    audit_record_now(action="account.second-factor-failed", actor=None, subject=f"user:{user.pk}")


@receiver(passkey_failed)
def record_refused_passkey(sender: type[Authenticator], user: User | None, **kwargs: Any) -> None:
    """Record a refused passkey: as a second factor of somebody, or of nobody in particular at the door."""
    if user is None:
        details = {"username": "unknown", "by": "passkey"}
        audit_record_now(action="account.sign-in-failed", actor=None, details=details)
    else:
        details = {"kind": "passkey"}
        audit_record_now(action="account.second-factor-failed", actor=None, subject=f"user:{user.pk}", details=details)


@receiver(passkey_renamed)
def record_renamed(sender: type[Authenticator], user: User, authenticator: Authenticator, **kwargs: Any) -> None:
    """Record another name of a passkey."""
    _record_factor("account.second-factor-renamed", user, authenticator)
