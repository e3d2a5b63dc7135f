"""The form of a ceiling."""

from typing import TYPE_CHECKING, Any

from django import forms

from cameras.ceilings.models import LIMITS, Ceiling

if TYPE_CHECKING:
    CeilingModelForm = forms.ModelForm[Ceiling]
else:
    CeilingModelForm = forms.ModelForm


class CeilingForm(CeilingModelForm):
    """Where it holds, at most how long, and by which rule."""

    class Meta:
        model = Ceiling
        fields = ("modality", "jurisdiction", *LIMITS, "legal_basis")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        self.fields["jurisdiction"].widget.attrs["list"] = "jurisdictions"
