"""The question: which camera or person, which days."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cameras.models import Camera
from paca_site.accounts.access import site_ids
from paca_site.accounts.local_time import zone_of
from paca_site.accounts.models import User
from paca_site.oversight.watching.access import askable_cameras, askable_people
from paca_site.oversight.watching.looking import Question

if TYPE_CHECKING:
    CameraField = forms.ModelChoiceField[Camera]
    PersonField = forms.ModelChoiceField[User]
else:
    CameraField = PersonField = forms.ModelChoiceField

DEFAULT_DAYS: Final = 7
MOST_DAYS: Final = 92


class _CameraChoice(CameraField):
    def label_from_instance(self, obj: Camera) -> str:
        return f"{obj.site.name}: {obj.name}"


class _PersonChoice(PersonField):
    def label_from_instance(self, obj: User) -> str:
        known = {"person": obj, "role": obj.get_role_display().lower()}
        words = gettext("{person} ({role})") if obj.is_active else gettext("{person} ({role}, no longer active)")
        return words.format(**known)


class _DayField(forms.DateField):
    """A day; what is none is told with what was given."""

    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})

    def to_python(self, value: Any) -> date | None:
        try:
            return super().to_python(value)
        except forms.ValidationError as error:
            raise forms.ValidationError(
                gettext('A day is written like 2026-03-31; got "{value}".').format(value=str(value)[:40])
            ) from error


class QuestionForm(forms.Form):
    """One camera or one person, and at most `MOST_DAYS` days of the camera's clock or the sites', ends included."""

    camera = _CameraChoice(
        queryset=Camera.objects.none(),
        required=False,
        empty_label=_("None chosen"),
        error_messages={"invalid_choice": "None of the cameras of your sites; choose one of the list."},
    )
    person = _PersonChoice(
        queryset=User.objects.none(),
        required=False,
        empty_label=_("None chosen"),
        error_messages={"invalid_choice": "None of the people of your sites; choose one of the list."},
    )
    since = _DayField()
    until = _DayField()

    def __init__(self, given: Mapping[str, Any] | None, *, user: User) -> None:
        """Take what was given (None: nothing yet); days left out are the last `DEFAULT_DAYS`."""
        chosen = str((given or {}).get("camera") or "")
        camera = (
            askable_cameras(user).filter(pk=int(chosen)).first() if chosen.isdecimal() and len(chosen) < 19 else None
        )
        self.zone = camera.site.time_zone if camera else zone_of(user)
        self.today = timezone.now().astimezone(ZoneInfo(self.zone)).date()
        days = {"since": (self.today - timedelta(days=DEFAULT_DAYS - 1)).isoformat(), "until": self.today.isoformat()}
        names = ("camera", "person", "since", "until")
        data = None if given is None else {name: given.get(name) or days.get(name, "") for name in names}
        super().__init__(data, initial=days, label_suffix="")
        self.sites = tuple(site_ids(user))
        self.fields["since"].label = gettext("From ({zone})").format(zone=self.zone)
        self.fields["until"].label = gettext("To ({zone})").format(zone=self.zone)
        self.fields["camera"].queryset = askable_cameras(user)  # type: ignore[attr-defined]
        self.fields["person"].queryset = askable_people(user)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Check what belongs together: one of camera and person, days in order, not too many, none to come."""
        cleaned: dict[str, Any] = self.cleaned_data
        if not {"camera", "person"} & set(self.errors) and bool(cleaned["camera"]) == bool(cleaned["person"]):
            got = "both" if cleaned["camera"] else "neither"
            self.add_error(None, gettext("Choose a camera or a person, one of the two; got {got}.").format(got=got))
        since, until = cleaned.get("since"), cleaned.get("until")
        if until and until > self.today:
            self.add_error(
                "until",
                gettext("At the latest today, {today} ({zone}); got {until}.").format(
                    today=self.today, zone=self.zone, until=until
                ),
            )
        if since and until and since > until:
            self.add_error(
                "since",
                gettext("The first day must not be after the last, {until}; got {since}.").format(
                    until=until, since=since
                ),
            )
        elif since and until and (days := (until - since).days + 1) > MOST_DAYS:
            self.add_error(
                "since",
                gettext("At most {most_days} days at once; {since} to {until} are {days}.").format(
                    most_days=MOST_DAYS, since=since, until=until, days=days
                ),
            )
        return cleaned

    def question(self) -> Question:
        """Return what is asked; only of a valid form."""
        return Question(sites=self.sites, zone=self.zone, **self.cleaned_data)
