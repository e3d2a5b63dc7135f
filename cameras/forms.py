"""Forms of administrators: cameras, their test, retention policies."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cameras.access import visible_sites
from cameras.addresses import check_address, keep_secrets
from cameras.holdings import Shortening, policy_shortening
from cameras.keeping import keeping_sentences
from cameras.models import Camera, MaskingStyle, Modality, RetentionPolicy, Site
from cameras.zones import Zone, zones_from_text, zones_to_text
from paca_site.accounts.models import User

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    CameraModelForm = forms.ModelForm[Camera]
    PolicyModelForm = forms.ModelForm[RetentionPolicy]
else:
    CameraModelForm = PolicyModelForm = forms.ModelForm

MODALITIES = (
    (Modality.CENTRAL, _("The server masks, detects and records masked video.")),
    (Modality.HYBRID, _("A camera box masks; the server detects and records masked video.")),
    (
        Modality.EDGE,
        _("A camera box masks and detects; alerts and, while somebody watches, masked pictures leave it."),
    ),
)
STYLE_KEEPS: "dict[str, StrOrPromise]" = {
    MaskingStyle.SILHOUETTE: _("One solid shape. Keeps outline and movement, nothing of face, skin or clothes."),
    MaskingStyle.EDGE: _(
        "Lines of the body. Keeps patterns of clothes, hair and, near the camera, features of a face: "
        "people can be recognised."
    ),
    MaskingStyle.LA3D_PIXELATE: _(
        "Blocks of colour. Keeps colours of skin, hair and clothes: who knows somebody may recognise them."
    ),
    MaskingStyle.LA3D_BLUR: _(
        "A blur. Keeps colours of skin, hair and clothes: who knows somebody may recognise them."
    ),
}
STALE = _(
    "Somebody else saved this camera after you opened this page. Nothing was saved; what you entered is still here. "
    "Compare it with the camera's page, then save again to put yours in its place."
)
KEEPS_ITS_OWN = _("A camera that exists changes its modality on a page of its own.")


def _new_address(given: str, stored: str) -> str:
    """Return the address to open: checked, with the stored password where it was left hidden.

    An unchanged address is not checked again: the demo and the command line may have set a file, which nobody may type.
    """
    address = keep_secrets(given, stored)
    return address if stored and address == stored else check_address(address)


class UnchangedMeanwhile(CameraModelForm):
    """A form that saves nothing over what somebody else saved after it was opened."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        self.initial["version"] = self.instance.version

    def clean(self) -> dict[str, Any]:
        """Refuse once where the stored camera is newer than the page; saving again is then a choice."""
        cleaned = super().clean() or self.cleaned_data
        if self.instance.pk and cleaned.get("version") != self.instance.version:
            given = {name: self.data[name] for name in self.data}  # the last value of each, as a QueryDict gives it
            self.data = given | {"version": str(self.instance.version)}
            self.add_error(None, STALE)
        return cleaned


class CameraForm(UnchangedMeanwhile):
    """Add or change a camera, in four steps on one page."""

    modality = forms.ChoiceField(choices=Modality.choices, initial=Modality.CENTRAL)

    class Meta:
        model = Camera
        fields = [
            "address",
            "frames_per_second",
            "threshold_percent",
            "site",
            "name",
            "latitude",
            "longitude",
            "heading_deg",
            "view_deg",
            "range_m",
            "purpose",
            "modality",
            "retention",
        ]
        widgets = {"purpose": forms.Textarea(attrs={"rows": 2, "maxlength": 200})}

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._stored = self.instance.address
        if self.instance.pk:  # what a change destroys or newly keeps is not decided in passing
            own = Modality(self.instance.modality)
            self.fields["modality"].choices = [(own.value, own.label)]  # type: ignore[attr-defined]
        self.initial["address"] = self.instance.public_address
        sites = Site.objects.filter(pk__in=[site.pk for site in visible_sites(user)])
        self.fields["site"] = forms.ModelChoiceField(
            sites, empty_label=gettext("Choose a site") if len(sites) > 1 else None
        )
        self.fields["address"].widget.attrs |= {
            "spellcheck": "false",
            "autocomplete": "off",
            "placeholder": "rtsp://host:554/path",
        }
        for name in ("latitude", "longitude"):
            self.fields[name].widget.attrs["step"] = "any"

    def clean_address(self) -> str:
        """Check the address; keep the stored password where it was left hidden."""
        return _new_address(self.cleaned_data["address"], self._stored)

    @property
    def modality_options(self) -> list[dict[str, Any]]:
        """All modalities, also those that cannot be chosen, with the reason."""
        allowed = [value for value, _ in self.fields["modality"].choices]  # type: ignore[attr-defined]
        return [
            {
                "value": value.value,
                "label": value.label,
                "sentence": sentence,
                "is_chosen": str(self["modality"].value()) == value,
                "refusal": "" if value in allowed else KEEPS_ITS_OWN,
            }
            for value, sentence in MODALITIES
        ]


class MaskingForm(UnchangedMeanwhile):
    """How people look, and what is covered beside them; and the doors, where it ends soon."""

    zones = forms.CharField(
        label=_("Zones that are always masked"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false", "data-zones-text": "zone"}),
        help_text=_("One zone a line: its corners as x,y in percent of the picture, from the left upper corner."),
    )
    exits = forms.CharField(
        label=_("Doors"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false", "data-zones-text": "door"}),
        help_text=_(
            "Written like zones. Who is last seen with their feet in a door is covered for 0.4 s more instead "
            "of 3 s. A door drawn too large uncovers people who are still there: draw the doorway only."
        ),
    )

    class Meta:
        model = Camera
        fields = ["masking_style", "has_shades", "vehicle_masking"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["zones"] = zones_to_text(self.instance.masked_zones)
        self.initial["exits"] = zones_to_text(self.instance.exits)

    def clean_zones(self) -> list[Zone]:
        """Read the lines."""
        return zones_from_text(self.cleaned_data["zones"])

    def clean_exits(self) -> list[Zone]:
        """Read the lines."""
        return zones_from_text(self.cleaned_data["exits"], "door")

    @property
    def style_options(self) -> list[dict[str, Any]]:
        """All styles, each with what it keeps of a person."""
        chosen = self["masking_style"].value()
        return [
            {"value": value, "label": label, "sentence": STYLE_KEEPS[value], "is_chosen": value == chosen}
            for value, label in MaskingStyle.choices
        ]

    def save(self, commit: bool = True) -> Camera:
        """Put the zones and doors on the camera; the service saves it."""
        self.instance.masked_zones = self.cleaned_data["zones"]
        self.instance.exits = self.cleaned_data["exits"]
        return super().save(commit)


class SensitivityForm(UnchangedMeanwhile):
    """The threshold of a camera, or none for the detector's own; the page offers those whose cost is known."""

    class Meta:
        model = Camera
        fields = ["threshold_percent"]


class CameraTestForm(forms.Form):
    """An address to try before it is saved."""

    address = forms.CharField(max_length=500)

    def __init__(self, *args: Any, stored: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._stored = stored

    def clean_address(self) -> str:
        """Check the address as the camera form does."""
        return _new_address(self.cleaned_data["address"], self._stored)


class PlaceForm(forms.Form):
    """What the plan preview needs."""

    latitude = forms.FloatField(min_value=-90, max_value=90)
    longitude = forms.FloatField(min_value=-180, max_value=180)
    heading_deg = forms.IntegerField(min_value=0, max_value=359)
    view_deg = forms.IntegerField(min_value=5, max_value=360)
    range_m = forms.IntegerField(min_value=1, max_value=1000)


class PolicyForm(PolicyModelForm):
    """Add or change a retention policy; what a shorter one deletes must be acknowledged."""

    understood = forms.BooleanField(required=False, label=_("Delete what is listed here"))

    class Meta:
        model = RetentionPolicy
        fields = ["name", "masked_hours", "clip_days", "alert_days", "raw_hours", "legal_basis"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        self.fields["raw_hours"].required = False

    def clean_raw_hours(self) -> int:
        """Take an empty field as none."""
        return int(self.cleaned_data["raw_hours"] or 0)

    def clean(self) -> dict[str, Any]:
        """Ask for the acknowledgement of a change that deletes something."""
        cleaned = super().clean() or self.cleaned_data
        shortening = self._shortening(cleaned)
        if shortening and not shortening.is_empty and not cleaned.get("understood"):
            self.add_error(
                "understood", gettext("The next purge deletes what is listed: tick the box to say that it may.")
            )
        return cleaned

    def preview(self) -> dict[str, Any]:
        """Return what the policy on the form keeps (`sentences`) and would delete (`shortening`)."""
        self.full_clean()
        values = dict(self.cleaned_data if self.is_bound else self.initial)
        policy = self._proposed(values)
        return {
            "sentences": keeping_sentences(policy) if policy else [],
            "shortening": policy_shortening(policy) if policy and policy.pk else None,
        }

    def _proposed(self, values: dict[str, Any]) -> RetentionPolicy | None:
        numbers = {name: values.get(name) for name in ("masked_hours", "clip_days", "alert_days")}
        if any(number is None for number in numbers.values()):
            return None
        return RetentionPolicy(pk=self.instance.pk, raw_hours=values.get("raw_hours") or 0, **numbers)

    def _shortening(self, values: dict[str, Any]) -> Shortening | None:
        policy = self._proposed(values)
        return policy_shortening(policy) if policy and policy.pk else None
