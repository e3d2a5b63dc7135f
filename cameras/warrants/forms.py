"""The forms of a release; times are those of the site."""

from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cameras.warrants.access import releasable_cameras, releasable_viewers
from cameras.warrants.models import SHA256, FootageRelease
from cameras.warrants.orders import ENDINGS, MOST_BYTES, Order, read_order
from cameras.warrants.services.deciding import GivenFile, OrderReading
from cameras.warrants.services.requesting import Minutes
from paca_site.accounts.models import User

if TYPE_CHECKING:
    ReleaseModelForm = forms.ModelForm[FootageRelease]
    PersonField = forms.ModelChoiceField[User]
else:
    ReleaseModelForm = forms.ModelForm
    PersonField = forms.ModelChoiceField


class ViewerField(PersonField):
    """People with their role, as it decides what they may see besides."""

    def label_from_instance(self, obj: Any) -> str:
        """Return what the person chooses by."""
        return f"{obj} ({obj.get_role_display()})"


def _moment() -> forms.DateTimeInput:
    return forms.DateTimeInput(attrs={"type": "datetime-local", "step": "60"}, format="%Y-%m-%dT%H:%M")


def _at_site(given: datetime, zone: str) -> datetime:
    """Return a moment that the form read as UTC, as the time of a site."""
    return given.replace(tzinfo=ZoneInfo(zone))


class RequestForm(ReleaseModelForm):
    """Ask for the unmasked footage of some cameras, from minute to minute."""

    cameras = forms.MultipleChoiceField(
        label=_("Cameras"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Central cameras only: of the others no unmasked footage exists. All of one site."),
    )
    starts_at = forms.DateTimeField(label=_("From"), widget=_moment(), help_text=_("Time of the camera's site."))
    ends_at = forms.DateTimeField(label=_("To"), widget=_moment(), help_text=_("At most 24 hours later."))
    order = forms.FileField(
        label=_("The order"),
        help_text=_("PDF, PNG or JPEG, at most 10 MiB. It is kept with the release, with its SHA-256."),
        widget=forms.FileInput(attrs={"accept": ",".join(ENDINGS), "class": "input"}),
    )

    viewer = ViewerField(
        label=_("Who may watch it here"),
        queryset=User.objects.none(),
        required=False,
        empty_label=_("Nobody: the camera's own recorder hands files over"),
        help_text=_("From the sealed vault, for some hours, marked with their name. They take no other part in it."),
    )

    class Meta:
        model = FootageRelease
        fields = ["authority", "reference", "legal_basis", "viewer", "justification"]
        widgets = {"justification": forms.Textarea(attrs={"rows": 3})}

    field_order = [
        "authority", "reference", "legal_basis", "order", "cameras", "starts_at", "ends_at", "justification",
    ]  # fmt: skip

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        self.fields["viewer"].queryset = releasable_viewers(user)  # type: ignore[attr-defined]
        self._cameras = {str(camera.pk): camera for camera in releasable_cameras(user)}
        self.fields["cameras"].choices = [  # type: ignore[attr-defined]
            (pk, f"{camera.site.name}: {camera.name} ({camera.site.time_zone})") for pk, camera in self._cameras.items()
        ]

    @property
    def has_cameras(self) -> bool:
        """Whether there is anything to ask for."""
        return bool(self._cameras)

    def clean_order(self) -> Order:
        """Read the document, whatever its name says."""
        given = self.cleaned_data["order"]
        if given.size > MOST_BYTES:
            raise ValidationError(
                gettext("The file has {mib:.1f} MiB; an order has at most {most} MiB.").format(
                    mib=given.size / 2**20, most=MOST_BYTES // 2**20
                )
            )
        return read_order(given.read(), given.name)

    def asked(self) -> list[Minutes]:
        """Return what is asked for; the form is valid."""
        start, end = self.cleaned_data["starts_at"], self.cleaned_data["ends_at"]
        chosen = [self._cameras[pk] for pk in self.cleaned_data["cameras"]]
        return [
            Minutes(camera, _at_site(start, camera.site.time_zone), _at_site(end, camera.site.time_zone))
            for camera in chosen
        ]


class ConfirmForm(forms.Form):
    """What the second person reads in the order: entered anew, not ticked off."""

    reference = forms.CharField(label=_("Reference on the order"), max_length=80)
    starts_at = forms.DateTimeField(label=_("The order allows from"), widget=_moment())
    ends_at = forms.DateTimeField(label=_("to"), widget=_moment())
    cameras = forms.IntegerField(label=_("of so many cameras"), min_value=1, max_value=1000)
    is_genuine = forms.BooleanField(
        label=_("I compared court or authority, legal basis and signature with the order."), required=False
    )

    def __init__(self, *args: Any, zone: str, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        self._zone = zone

    def reading(self) -> OrderReading:
        """Return what was read; the form is valid."""
        data = self.cleaned_data
        return OrderReading(
            reference=data["reference"],
            starts_at=_at_site(data["starts_at"], self._zone),
            ends_at=_at_site(data["ends_at"], self._zone),
            cameras=data["cameras"],
            is_genuine=data["is_genuine"],
        )


class HandOverForm(forms.Form):
    """The files that the recorder of each camera gave; one each, more on another line."""

    received_by = forms.CharField(
        label=_("Received by"), max_length=120, help_text=_("Who took the files, and for which authority.")
    )
    reason = forms.CharField(
        label=_("Why you approve"), min_length=10, max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, release: FootageRelease, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        self._parts = {f"files-{part.pk}": part for part in release.parts.all()}
        fields = {
            name: forms.CharField(
                label=_("Files of {camera}").format(camera=part.camera.name),
                widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false"}),
                help_text=_("One line a file: SHA-256, size in bytes, name; as sha256sum and the recorder give them."),
            )
            for name, part in self._parts.items()
        }
        self.fields = {**fields, **self.fields}

    def clean(self) -> dict[str, Any]:
        """Read the lines of each camera."""
        cleaned = super().clean() or self.cleaned_data
        for name, part in self._parts.items():
            lines = str(cleaned.get(name, "")).splitlines()
            try:
                cleaned[name] = [_file(part, line) for line in lines if line.strip()]
            except ValidationError as error:
                self.add_error(name, error)
        return cleaned

    def given_files(self) -> list[GivenFile]:
        """Return all files; the form is valid."""
        return [file for name in self._parts for file in self.cleaned_data[name]]


def _file(part: Any, line: str) -> GivenFile:
    digest, _space, rest = line.strip().partition(" ")
    size, _space, name = rest.strip().partition(" ")
    try:
        SHA256(digest.lower())
    except ValidationError as error:
        raise ValidationError(
            gettext(
                "A line begins with the file's SHA-256, 64 digits from 0 to 9 and a to f; this one with {got}."
            ).format(got=digest[:70])
        ) from error
    if not (size.isascii() and size.isdecimal() and 0 < len(size) < 16 and int(size) > 0):
        raise ValidationError(
            gettext("After the SHA-256 stands the size in bytes, 1 or more; got {got}.").format(got=size[:20])
        )
    if not 0 < len(name.strip()) <= 120:
        raise ValidationError(gettext("After the size stands the file's name, at most 120 characters."))
    return GivenFile(part, name.strip(), digest.lower(), int(size))
