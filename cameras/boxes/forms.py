"""The forms of a box: what it is called, where it hangs, which cameras it runs."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from cameras.boxes.models import Box
from cameras.models import Camera, Modality, Site
from paca_site.accounts.access import site_ids
from paca_site.accounts.models import User

if TYPE_CHECKING:
    CameraField = forms.ModelMultipleChoiceField[Camera]
else:
    CameraField = forms.ModelMultipleChoiceField


class CameraChoice(CameraField):
    """Cameras with what they are: several sites have an "Entrance"."""

    def label_from_instance(self, obj: Camera) -> str:
        """Return site, name and modality."""
        return f"{obj.site.name}: {obj.name} ({obj.get_modality_display()})"


def _cameras_for(user: User, box: Box | None) -> QuerySet[Camera]:
    """Cameras that could hang at a box: hybrid and edge ones of the person's sites without another box."""
    free = Camera.objects.filter(site__in=site_ids(user)).exclude(modality=Modality.CENTRAL)
    if box is None:
        return free.filter(placement=None).select_related("site")
    return free.filter(Q(placement=None) | Q(placement__box=box), site=box.site_id).select_related("site")


class CamerasForm(forms.Form):
    """Which cameras a box runs."""

    cameras = CameraChoice(
        queryset=Camera.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        label=_("Cameras"),
        help_text=_("Hybrid and edge cameras of the site that have no other box."),
    )

    def __init__(self, *args: Any, user: User, box: Box | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        self.fields["cameras"].queryset = _cameras_for(user, box)  # type: ignore[attr-defined]


class BoxForm(CamerasForm):
    """A new box."""

    name = forms.CharField(max_length=80, label=_("Name"), help_text=_("Where it hangs, or what its label says."))
    site = forms.ModelChoiceField(queryset=Site.objects.none(), label=_("Site"))
    field_order = ["name", "site", "cameras"]

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        self.fields["site"].queryset = Site.objects.filter(pk__in=site_ids(user))  # type: ignore[attr-defined]

    def box(self) -> Box:
        """Return the box that was described, not saved."""
        return Box(name=self.cleaned_data["name"], site=self.cleaned_data["site"])
