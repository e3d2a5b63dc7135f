"""What a supervisor says of a disagreement."""

from django import forms
from django.utils.translation import gettext_lazy as _

from alerts.reviewing.models import Finding

NOTE_LENGTH = 500


class FindingForm(forms.Form):
    """What the clip shows, and why; both people read it."""

    finding = forms.ChoiceField(
        label=_("What it comes to"),
        choices=Finding.choices,
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose what it comes to."),
            "invalid_choice": _("Choose one of the three; got “%(value)s”."),
        },
    )
    note = forms.CharField(
        label=_("Why"),
        max_length=NOTE_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Both people read it. Never names."),
        error_messages={"required": _("Say in a few words why; both people read it.")},
    )
