"""The form that places a legal hold; times are those of the camera's site."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cameras.models import Camera, LegalHold
from paca_site.accounts.access import site_ids
from paca_site.accounts.models import User

if TYPE_CHECKING:
    HoldModelForm = forms.ModelForm[LegalHold]
    CameraField = forms.ModelChoiceField[Camera]
else:
    HoldModelForm = forms.ModelForm
    CameraField = forms.ModelChoiceField

LONGEST = timedelta(days=2 * 366)
"""A hold ends by itself after two years at most; a case that lasts longer places it anew, with its reasons."""


class _CameraChoice(CameraField):
    """Cameras with their site, as names repeat between sites."""

    def label_from_instance(self, obj: Any) -> str:
        """Return what the person chooses by."""
        return f"{obj.site.name}: {obj.name} ({obj.site.time_zone})"


def _moment(step: str) -> forms.DateTimeInput:
    return forms.DateTimeInput(attrs={"type": "datetime-local", "step": step}, format="%Y-%m-%dT%H:%M")


class HoldForm(HoldModelForm):
    """Place a hold on some minutes of one camera."""

    camera = _CameraChoice(queryset=Camera.objects.none(), empty_label=_("Choose"))

    class Meta:
        model = LegalHold
        fields = ["camera", "starts_at", "ends_at", "case", "reason", "review_on", "expires_at"]
        widgets = {
            "starts_at": _moment("60"),
            "ends_at": _moment("60"),
            "expires_at": _moment("60"),
            "review_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        }
        labels = {"starts_at": _("From"), "ends_at": _("To")}

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        cameras = Camera.objects.filter(site__in=site_ids(user)).select_related("site")
        self.fields["camera"].queryset = cameras  # type: ignore[attr-defined]
        for name in ("starts_at", "ends_at", "expires_at"):
            field = self.fields[name]
            field.help_text = f"{field.help_text} Time of the camera's site."

    def clean(self) -> dict[str, Any]:
        """Read the times as the site's own and check their order; the model checks them once more."""
        cleaned = super().clean() or self.cleaned_data
        camera = cleaned.get("camera")
        if camera is None:
            return cleaned
        for name in ("starts_at", "ends_at", "expires_at"):
            given = cleaned.get(name)
            if isinstance(given, datetime):  # the form read it as UTC
                cleaned[name] = given.replace(tzinfo=ZoneInfo(camera.site.time_zone))
        now = timezone.now()
        start, end, expiry = (cleaned.get(name) for name in ("starts_at", "ends_at", "expires_at"))
        if start and start > now:
            self.add_error("starts_at", gettext("A hold is for what was filmed: the start must not lie in the future."))
        if start and end and end <= start:
            self.add_error("ends_at", gettext("The end must be after the start."))
        if expiry and not now < expiry <= now + LONGEST:
            self.add_error("expires_at", gettext("The hold must end in the future, within two years."))
        review = cleaned.get("review_on")
        if review and expiry and not now.date() <= review <= expiry.date():
            self.add_error("review_on", gettext("The review must come today or later, and before the hold ends."))
        return cleaned
