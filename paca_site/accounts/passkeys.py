"""Passkeys: a key on a person's device or stick, opened by their finger or PIN; by itself it is two factors.

The browser does the work (`static/js/passkey-use.js`) and nothing outside is asked, so it works without internet. What
the database holds of a passkey is its public half, which opens nothing. A passkey belongs to the host name under which
it was added; the library checks origin, host, challenge and that the person was verified.

Source: W3C, Web Authentication, level 3.
"""

import struct
from typing import Any, Final

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    EditWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django import forms
from django.core.exceptions import ValidationError
from django.dispatch import Signal
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from paca_site.accounts.models import User

passkey_failed = Signal()
"""Sent when an answer of a passkey is refused, with `user`: None where it was to say who comes in."""
passkey_renamed = Signal()
"""Sent after a passkey got another name, with `user` and `authenticator`."""

LONGEST_NAME: Final = 60
LONGEST_ANSWER: Final = 16_384
"""Characters of a browser's answer; those of real keys have below 4,000."""
MALFORMED: Final = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, struct.error)
"""What the library raises on an answer that no browser makes: base64, CBOR, JSON of another shape, lengths."""


def has_passkey(user: User) -> bool:
    """Return whether a person has a passkey."""
    return bool(is_mfa_enabled(user, [Authenticator.Type.WEBAUTHN]))


def _refused() -> ValidationError:
    return ValidationError(gettext("The passkey was not accepted. Try again, or use another way."))


class AnswerField(forms.JSONField):
    """What the browser's answer travels in."""

    widget = forms.HiddenInput

    def to_python(self, value: Any) -> Any:
        """Refuse what is too long before it is read."""
        if isinstance(value, str) and len(value) > LONGEST_ANSWER:
            raise _refused()
        return super().to_python(value)


class AddPasskeyForm(AddWebAuthnForm):  # type: ignore[misc]  # allauth ships no types
    """A new passkey and its name. Every one verifies the person, so there is nothing to choose."""

    name = forms.CharField(label=_("Name"), max_length=LONGEST_NAME, required=False)
    credential = AnswerField()
    passwordless = None

    def clean(self) -> dict[str, Any]:
        """Check the answer against the challenge."""
        try:
            return dict(super().clean())
        except (ValidationError, *MALFORMED) as error:
            raise _refused() from error


class RenamePasskeyForm(EditWebAuthnForm):  # type: ignore[misc]  # allauth ships no types
    """Another name for a passkey."""

    name = forms.CharField(label=_("Name"), max_length=LONGEST_NAME)

    def save(self) -> Authenticator:
        """Store the name; `passkey_renamed` is sent."""
        renamed = super().save()
        passkey_renamed.send(sender=Authenticator, user=renamed.user, authenticator=renamed)
        return renamed


class CheckedAnswer:
    """A form with a passkey's answer: what is wrong with it is told in one sentence, and recorded."""

    user: Any

    def clean_credential(self) -> Authenticator:
        """Check the answer; return the passkey that gave it."""
        try:
            return super().clean_credential()  # type: ignore[misc]  # of the form that this is mixed into
        except (ValidationError, *MALFORMED) as error:
            passkey_failed.send(sender=Authenticator, user=self.user)
            raise _refused() from error


class SecondPasskeyForm(CheckedAnswer, AuthenticateWebAuthnForm):  # type: ignore[misc]  # allauth ships no types
    """After the password."""

    credential = AnswerField()


class FreshPasskeyForm(CheckedAnswer, ReauthenticateWebAuthnForm):  # type: ignore[misc]  # allauth ships no types
    """Before what needs a fresh proof."""

    credential = AnswerField()


class SignInPasskeyForm(CheckedAnswer, LoginWebAuthnForm):  # type: ignore[misc]  # allauth ships no types
    """Instead of name, password and code."""

    credential = AnswerField()
