"""The form of a draft."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cameras.authorising.models import Authorisation
from cameras.event_kinds import KINDS
from cameras.models import Camera, Site
from paca_site.accounts.access import site_ids
from paca_site.accounts.models import User

if TYPE_CHECKING:
    AuthorisationModelForm = forms.ModelForm[Authorisation]
    CamerasField = forms.ModelMultipleChoiceField[Camera]
else:
    AuthorisationModelForm = forms.ModelForm
    CamerasField = forms.ModelMultipleChoiceField

DAY = {"type": "date"}


class _CamerasChoice(CamerasField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.site.name}: {obj.name}"


class AuthorisationForm(AuthorisationModelForm):
    """What an authority allowed, as an administrator enters it."""

    cameras = _CamerasChoice(
        queryset=Camera.objects.none(), label=_("Cameras"), widget=forms.CheckboxSelectMultiple, required=False
    )
    kinds = forms.MultipleChoiceField(
        choices=list(KINDS.items()),
        label=_("Kinds of event"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("Of what is not named no alert is raised at these cameras, and nothing is counted."),
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Authorisation
        fields = [
            "site", "cameras", "authority", "reference", "purpose", "legal_basis", "jurisdiction", "public_place",
            "necessity", "alternatives", "proportionality", "kinds", "starts_on", "ends_on", "review_on",
        ]  # fmt: skip
        widgets = {
            **{name: forms.DateInput(attrs=DAY, format="%Y-%m-%d") for name in ("starts_on", "ends_on", "review_on")},
            **{
                name: forms.Textarea(attrs={"rows": 3})
                for name in ("public_place", "necessity", "alternatives", "proportionality")
            },
        }

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        mine = site_ids(user)
        self.fields["site"].queryset = Site.objects.filter(pk__in=mine)  # type: ignore[attr-defined]
        cameras = Camera.objects.filter(site__in=mine).select_related("site")
        self.fields["cameras"].queryset = cameras  # type: ignore[attr-defined]
        if self.instance.pk is not None:
            self.initial["version"] = self.instance.version

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        if self.instance.pk is not None and "version" in self.cleaned_data:
            self.instance.version = self.cleaned_data["version"] or 0
