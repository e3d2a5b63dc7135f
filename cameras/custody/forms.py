"""What a custodian types: the public part of a key, and why a key is given up."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cameras.custody.models import CustodianKey

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
