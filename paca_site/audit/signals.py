"""Sign-in and sign-out leave a trace."""

from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver

from paca_site.accounts.models import User
from paca_site.audit.services import audit_record_now


@receiver(user_logged_in)
def record_sign_in(sender: type[User], user: User, **kwargs: Any) -> None:
    """Record a sign-in."""
    audit_record_now(action="account.signed-in", actor=user, subject=f"user:{user.pk}")


@receiver(user_logged_out)
def record_sign_out(sender: type[User], user: User | None, **kwargs: Any) -> None:
    """Record a sign-out."""
    if user is not None:
        audit_record_now(action="account.signed-out", actor=user, subject=f"user:{user.pk}")


@receiver(user_login_failed)
def record_failure(sender: str, credentials: dict[str, Any], **kwargs: Any) -> None:
    """Record a failed sign-in under the name that was tried, cut short, as somebody may have typed a password there."""
    name = str(credentials.get("username") or "")
    known = User.objects.filter(username=name).exists()
    audit_record_now(action="account.sign-in-failed", actor=None, details={"username": name if known else "unknown"})
