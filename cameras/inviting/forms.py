"""The forms of an invitation: whom to invite, and what the invited person chooses."""

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cameras.inviting.models import Invitation
from cameras.models import Site
from paca_site.accounts.access import site_ids
from paca_site.accounts.models import User

if TYPE_CHECKING:
    OfInvitation = forms.ModelForm[Invitation]
    OfUser = forms.ModelForm[User]
else:
    OfInvitation = OfUser = forms.ModelForm


class InvitationForm(OfInvitation):
    """Whom to invite."""

    sites = forms.ModelMultipleChoiceField(
        queryset=Site.objects.none(), widget=forms.CheckboxSelectMultiple, label=_("Sites")
    )
    until = forms.DateField(
        required=False,
        label=_("Last day"),
        help_text=_("When their work with these sites ends (UTC). Empty: open."),
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    field_order = ["for_whom", "role", "sites", "until", "email", "reason"]

    class Meta:
        model = Invitation
        fields = ["for_whom", "role", "email", "reason"]

    def __init__(self, *args: Any, user: User, can_send: bool, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        self.fields["sites"].queryset = Site.objects.filter(pk__in=site_ids(user))  # type: ignore[attr-defined]
        self.fields["reason"].help_text = _("At least 10 characters; stands in the audit trail.")
        told = [_("The link is sent there, and you do not see it. Empty: you see it, once.")] if can_send else []
        if settings.OIDC.url:
            told.append(_("Whoever signs in with it at the identity provider takes the invitation without the link."))
        self.fields["email"].help_text = " ".join(str(sentence) for sentence in told)
        if not told:
            del self.fields["email"]

    def invitation(self) -> Invitation:
        """Return the invitation that was described, not saved."""
        made: Invitation = self.save(commit=False)
        last_day = self.cleaned_data["until"]
        if last_day is not None:
            made.scope_ends_at = datetime.combine(last_day + timedelta(days=1), time.min, tzinfo=UTC)
        return made


def _password(label: Any) -> forms.CharField:
    widget = forms.PasswordInput(attrs={"autocomplete": "new-password"})
    return forms.CharField(label=label, strip=False, max_length=4096, widget=widget)


class TakeForm(OfUser):
    """Name and password of the invited person."""

    full_name = forms.CharField(label=_("Your name"), max_length=150, help_text=_("As colleagues read it."))
    password1 = _password(_("Password"))
    password2 = _password(_("Password, again"))
    field_order = ["full_name", "username", "password1", "password2"]

    class Meta:
        model = User
        fields = ["username"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        self.fields["full_name"].widget.attrs |= {"autocomplete": "name", "autofocus": True}
        self.fields["username"].label = gettext("Sign-in name")
        self.fields["username"].help_text = gettext("Letters, digits and @ . + - _")
        self.fields["username"].widget.attrs |= {"autocomplete": "username", "autocapitalize": "none"}
        self.fields["username"].widget.attrs.pop("autofocus", None)
        self.fields["password1"].help_text = gettext(
            "At least 12 characters, not a common password, not like your name."
        )

    def clean(self) -> dict[str, Any]:
        """Check the password against the rules and against its second typing."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        password = given.get("password1")
        if password and password != given.get("password2"):
            self.add_error("password2", gettext("The two are not the same."))
        if password:
            named = User(username=given.get("username", ""), first_name=given.get("full_name", ""))
            try:
                validate_password(password, named)
            except ValidationError as error:
                self.add_error("password1", error)
        return given
