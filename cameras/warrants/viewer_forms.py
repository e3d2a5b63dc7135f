"""The custodian's key, and the moment that a viewer asks for."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cameras.warrants.models import FootageRelease, ReleasePart
from cameras.warrants.services.opening import CustodianProof

MOST_KEY_BYTES = 10_000
"""A key file has some hundred; what is far smaller than Django's limit never reaches a temporary file."""


class OpenForm(forms.Form):
    """Open a release: how long, why, and the key."""

    hours = forms.IntegerField(label=_("Open for so many hours"), min_value=1)
    key_file = forms.FileField(
        label=_("Your key file"),
        help_text=_("It opens exactly the files of these minutes, in memory, and is kept nowhere."),
        widget=forms.FileInput(attrs={"class": "input"}),
    )
    passphrase = forms.CharField(
        label=_("Its passphrase"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "off"})
    )
    may_export = forms.BooleanField(
        label=_("The viewer may also take it out as a signed file"),
        required=False,
        help_text=_("For a court that must keep it. A file cannot be called back; it outlives the release."),
    )
    reason = forms.CharField(
        label=_("Why you approve"), min_length=10, max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        hours = self.fields["hours"]
        hours.help_text = _("At most {most}.").format(most=settings.RELEASE_VIEW_HOURS)
        hours.initial = settings.RELEASE_VIEW_HOURS

    def proof(self) -> CustodianProof:
        """Return key file and passphrase; the form is valid."""
        return CustodianProof(self.cleaned_data["key_file"].read(), self.cleaned_data["passphrase"])

    def clean_key_file(self) -> Any:
        """Refuse what is too large to be a key."""
        given = self.cleaned_data["key_file"]
        if given.size > MOST_KEY_BYTES:
            raise ValidationError(
                gettext("A key file has at most {most} bytes; this one has {given}.").format(
                    most=MOST_KEY_BYTES, given=given.size
                )
            )
        return given


class WatchForm(forms.Form):
    """Which camera, and from which moment on."""

    part = forms.ChoiceField(label=_("Camera"))
    from_at = forms.DateTimeField(
        label=_("From"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local", "step": "1"}, format="%Y-%m-%dT%H:%M:%S"),
    )

    def __init__(self, *args: Any, release: FootageRelease, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        parts: list[ReleasePart] = list(release.parts.all())
        self._zone = ZoneInfo(release.site.time_zone)
        self.fields["part"].choices = [(part.pk, part.camera.name) for part in parts]  # type: ignore[attr-defined]
        first = self.initial.get("from_at") or parts[0].starts_at
        self.initial["from_at"] = first.astimezone(self._zone).replace(tzinfo=None)

    def from_moment(self) -> datetime:
        """Return the moment, aware; the form is valid."""
        given: datetime = self.cleaned_data["from_at"]
        return given.replace(tzinfo=self._zone)
