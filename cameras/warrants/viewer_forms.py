"""The custodian's key, and the moment that a viewer asks for."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cameras.warrants.models import FootageRelease, ReleasePart
from cameras.warrants.services.opening import CustodianProof, KeyPart

MOST_KEY_BYTES = 10_000
"""A key file has some hundred; what is far smaller than Django's limit never reaches a temporary file."""
MOST_SHARES = 8
"""As many as a key may need (`inference/core/vault/shares.py`)."""


class OpenForm(forms.Form):
    """Open a release: how long, why, and the key."""

    hours = forms.IntegerField(label=_("Open for so many hours"), min_value=1)
    key_file = forms.FileField(
        label=_("Your key file, or your share of it"),
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
        for number in range(2, MOST_SHARES + 1):
            self.fields[f"key_file_{number}"] = forms.FileField(
                label=_("Share {number}").format(number=number),
                required=False,
                widget=forms.FileInput(attrs={"class": "input"}),
            )
            self.fields[f"passphrase_{number}"] = forms.CharField(
                label=_("Passphrase of share {number}").format(number=number),
                required=False,
                strip=False,
                widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
            )
        hours = self.fields["hours"]
        hours.help_text = _("At most {most}.").format(most=settings.RELEASE_VIEW_HOURS)
        hours.initial = settings.RELEASE_VIEW_HOURS

    @property
    def of_the_decision(self) -> list[forms.BoundField]:
        """Return all fields but the further shares, in order."""
        return [self[name] for name in self.fields if name[-1:] not in "23456789"]

    @property
    def of_further_shares(self) -> list[forms.BoundField]:
        """Return file and passphrase of the second share, of the third and so on."""
        return [self[name] for name in self.fields if name[-1:] in "23456789"]

    @property
    def has_further_shares(self) -> bool:
        """Whether some were given, or something about them is wrong: then they are shown."""
        return any(field.name in self.files or field.errors for field in self.of_further_shares)

    def proof(self) -> CustodianProof:
        """Return key file or shares with their passphrases; the form is valid."""
        given = [(self.cleaned_data[file], self.cleaned_data[words]) for file, words in _pairs()]
        return CustodianProof(tuple(KeyPart(file.read(), words) for file, words in given if file))

    def clean(self) -> dict[str, Any] | None:
        """Refuse what is too large to be a key or share, and a share without its passphrase."""
        given = super().clean()
        for file_name, words_name in _pairs():
            file, words = self.cleaned_data.get(file_name), self.cleaned_data.get(words_name)
            if file and file.size > MOST_KEY_BYTES:
                self.add_error(
                    file_name,
                    gettext("A key file has at most {most} bytes; this one has {given}.").format(
                        most=MOST_KEY_BYTES, given=file.size
                    ),
                )
            if file_name != "key_file" and file and not words:
                self.add_error(words_name, gettext("This share has a passphrase of its own."))
            if file_name != "key_file" and words and not file:
                self.add_error(file_name, gettext("A passphrase was given without its share."))
        return given


def _pairs() -> list[tuple[str, str]]:
    further = [(f"key_file_{number}", f"passphrase_{number}") for number in range(2, MOST_SHARES + 1)]
    return [("key_file", "passphrase"), *further]


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
