"""How many wrong codes a person may type: a code has six digits, so a machine with the password must not go on.

Failures are counted in the trail, where each stands anyway: over all web processes, from any address, also after a
restart. Whoever gets here has given the right password, so nobody else can use this to lock a person out.
"""

from datetime import timedelta
from typing import Final

from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from paca_site.accounts.models import User
from paca_site.audit.models import AuditEntry

MOST_WRONG: Final = 8
WITHIN: Final = timedelta(minutes=15)
STEP_S: Final = 30
"""Seconds for which an authenticator shows one code."""


def wrong_codes(user: User) -> int:
    """Return how many wrong codes were lately typed for a person."""
    lately = AuditEntry.objects.filter(subject=f"user:{user.pk}", at__gte=timezone.now() - WITHIN)
    return lately.filter(action="account.second-factor-failed").count()


class CountedCode:
    """A form with a code: refused after too many wrong ones, and each code of an authenticator is taken once."""

    user: User
    authenticator: Authenticator

    def clean_code(self) -> str:
        """Check the code; tries for one person wait for each other, so that none slips past the count."""
        with transaction.atomic():
            User.objects.select_for_update().get(pk=self.user.pk)
            if wrong_codes(self.user) >= MOST_WRONG:
                raise ValidationError(
                    gettext("Too many wrong codes. Wait {minutes} minutes.").format(minutes=WITHIN.seconds // 60)
                )
            try:
                code = str(super().clean_code())  # type: ignore[misc]  # of the form that this is mixed into
            except ValidationError as error:
                wrong = error  # raised below: here it would undo what the trail says of it
            else:
                if self._take():
                    return code
                wrong = ValidationError(gettext("This code was used already. Wait for the next one."))
        raise wrong

    def _take(self) -> bool:
        """Mark the authenticator as used now, and return whether it was not within the time of its code."""
        step = int(timezone.now().timestamp()) // STEP_S
        last = self.authenticator.last_used_at
        is_again = last is not None and int(last.timestamp()) // STEP_S == step
        if self.authenticator.type == Authenticator.Type.TOTP and is_again:
            return False
        self.authenticator.record_usage()
        return True


class CountedAuthenticateForm(CountedCode, AuthenticateForm):  # type: ignore[misc]  # allauth ships no types
    """At sign-in."""


class CountedReauthenticateForm(CountedCode, ReauthenticateForm):  # type: ignore[misc]  # allauth ships no types
    """Before what needs a fresh proof."""
