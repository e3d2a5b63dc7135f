"""What a custodian types, the public part of a key; and which deletion records are taken out, and why."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cameras.custody.models import CustodianKey
from paca_site.accounts.local_time import day_begins, day_ends

if TYPE_CHECKING:
    KeyModelForm = forms.ModelForm[CustodianKey]
else:
    KeyModelForm = forms.ModelForm


class KeyForm(KeyModelForm):
    """The public key, and its fingerprint against slips."""

    fingerprint = forms.CharField(
        label=_("Fingerprint"),
        max_length=80,
        help_text=_("The command prints it below the key; at least its first 16 characters."),
        widget=forms.TextInput(attrs={"spellcheck": "false", "autocomplete": "off"}),
    )

    class Meta:
        model = CustodianKey
        fields = ["public_key"]
        help_texts = {"public_key": _("64 characters, as make_custodian_key prints them.")}
        widgets = {"public_key": forms.TextInput(attrs={"spellcheck": "false", "autocomplete": "off"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})

    def clean_public_key(self) -> str:
        """Forgive spaces and capitals."""
        return str(self.cleaned_data["public_key"]).strip().lower()

    def validate_unique(self) -> None:
        """Leave it to the service, which says what to do instead."""


class RecordsForm(forms.Form):
    """Which deletion records, and why; the reason stands in the file and in the trail."""

    from_day = forms.DateField(label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    to_day = forms.DateField(
        label=_("To"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    reason = forms.CharField(
        label=_("Reason"),
        min_length=10,
        max_length=200,
        help_text=_("Who will read it and why, such as a case number; at least 10 characters. It stands in the trail."),
    )

    def __init__(self, *args: Any, zone: str, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        self.zone = zone
        self.fields["to_day"].help_text = gettext(
            "Days ({zone}) on which something was destroyed, both included. Empty: all."
        ).format(zone=zone)

    def clean(self) -> dict[str, Any]:
        """Refuse days in the wrong order."""
        cleaned = super().clean() or self.cleaned_data
        first, last = cleaned.get("from_day"), cleaned.get("to_day")
        if first and last and last < first:
            self.add_error("to_day", _("The last day must not be before the first."))
        return cleaned

    def span(self) -> tuple[datetime | None, datetime | None]:
        """Return from when to before when, aware; the form is valid."""
        first, last = self.cleaned_data["from_day"], self.cleaned_data["to_day"]
        return day_begins(first, self.zone) if first else None, day_ends(last, self.zone) if last else None
