"""Uploading a plan, and saying where it lies."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from alerts.site_map.models import SitePlan
from alerts.site_map.picture import PlanPicture, read_plan
from alerts.site_map.placing import KnownPoint, Placement, placement_of_points, placement_of_scale

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


POINTS, SCALE = "points", "scale"


class PlanPictureForm(forms.Form):
    """The picture."""

    picture = forms.FileField(
        label=_("Picture of the plan"),
        help_text=_(
            "PNG, JPEG or WebP, at most 10 MiB. Its pixels are stored anew; position, camera and author of the "
            "file are not."
        ),
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp", "class": "input"}),
    )

    def clean_picture(self) -> PlanPicture:
        """Read it, whatever its name says."""
        given = self.cleaned_data["picture"]
        return read_plan(given.file, given.size)


def _pixels(label: "StrOrPromise", *, required: bool = True) -> forms.FloatField:
    return forms.FloatField(
        label=label, min_value=0, required=required, widget=forms.NumberInput(attrs={"step": "any", "class": "input"})
    )


def _degrees(label: "StrOrPromise", most: int, *, required: bool = True) -> forms.FloatField:
    number = forms.NumberInput(attrs={"step": "any", "class": "input"})
    return forms.FloatField(label=label, min_value=-most, max_value=most, required=required, widget=number)


class PlanPlaceForm(forms.Form):
    """Two points, or one with scale and direction."""

    way = forms.ChoiceField(
        label=_("What is known"),
        choices=[(POINTS, _("Two points of the plan")), (SCALE, _("One point, scale and direction"))],
        initial=POINTS,
        widget=forms.RadioSelect,
    )
    first_x = _pixels(_("First point: pixels from the left"))
    first_y = _pixels(_("First point: pixels from the top"))
    first_latitude = _degrees(_("First point: latitude (°)"), 90)
    first_longitude = _degrees(_("First point: longitude (°)"), 180)
    second_x = _pixels(_("Second point: pixels from the left"), required=False)
    second_y = _pixels(_("Second point: pixels from the top"), required=False)
    second_latitude = _degrees(_("Second point: latitude (°)"), 90, required=False)
    second_longitude = _degrees(_("Second point: longitude (°)"), 180, required=False)
    metres_per_px = _pixels(_("Metres in one pixel"), required=False)
    turned_deg = _degrees(_("Upper edge looks towards (°, 0 north, 90 east)"), 360, required=False)

    def __init__(self, data: Any = None, *, plan: SitePlan) -> None:
        super().__init__(data, label_suffix="", initial=self._known(plan))
        self.plan = plan
        self.placement: Placement | None = None

    @staticmethod
    def _known(plan: SitePlan) -> dict[str, Any]:
        if not plan.is_placed:
            return {}
        return {
            "way": SCALE,
            "first_x": plan.anchor_x,
            "first_y": plan.anchor_y,
            "first_latitude": plan.anchor_latitude,
            "first_longitude": plan.anchor_longitude,
            "metres_per_px": plan.metres_per_px,
            "turned_deg": plan.turned_deg,
        }

    def clean(self) -> dict[str, Any]:
        """Work out where the picture lies; what the chosen way needs must be there."""
        data: dict[str, Any] = super().clean() or {}
        if self.errors:
            return data
        needed = (
            ("second_x", "second_y", "second_latitude", "second_longitude")
            if data["way"] == POINTS
            else ("metres_per_px", "turned_deg")
        )
        for name in needed:
            if data.get(name) is None:
                self.add_error(name, gettext("Needed for the way you chose."))
        for name, most in (("x", self.plan.width), ("y", self.plan.height)):
            for point in ("first", "second"):
                if (data.get(f"{point}_{name}") or 0) > most:
                    self.add_error(
                        f"{point}_{name}", gettext("The picture has {most} pixels that way.").format(most=most)
                    )
        if not self.errors:
            self.placement = self._placement(data)
        return data

    def _placement(self, data: dict[str, Any]) -> Placement:
        first, second = (
            KnownPoint(*(data[f"{point}_{name}"] for name in ("x", "y", "latitude", "longitude")))
            for point in ("first", "second")
        )
        if data["way"] == POINTS:
            return placement_of_points(first, second)
        return placement_of_scale(first, data["metres_per_px"], data["turned_deg"])

    def found(self) -> Placement:
        """Return where the picture lies; call after `is_valid`."""
        if self.placement is None:
            raise ValidationError(gettext("The plan's place is not known."))
        return self.placement
