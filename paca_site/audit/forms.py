"""Why the trail is taken out of PACA."""

from django import forms
from django.utils.translation import gettext_lazy as _


class ExportForm(forms.Form):
    """The reason of an export; it stands in the trail."""

    reason = forms.CharField(
        min_length=10,
        max_length=200,
        help_text=_("Who will read it and why, such as a case number; at least 10 characters. It stands in the trail."),
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.label_suffix = ""
