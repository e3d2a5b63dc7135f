"""The forms of serious incidents: reporting one, adding to it, who was told, and its end."""

from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cameras.models import Camera, Site
from paca_site.accounts.access import site_ids
from paca_site.accounts.models import User
from paca_site.oversight.alert_numbers import read_alert_numbers
from paca_site.oversight.serious.harms import Gravity, Harm, Outcome
from paca_site.oversight.serious.models import ABOUT_DUTIES, SHORTEST, Duty, EntryKind, Report

if TYPE_CHECKING:
    ReportModelForm = forms.ModelForm[Report]
    CamerasField = forms.ModelMultipleChoiceField[Camera]
    DutyField = forms.ModelChoiceField[Duty]
else:
    ReportModelForm = forms.ModelForm
    CamerasField = forms.ModelMultipleChoiceField
    DutyField = forms.ModelChoiceField

NAME_NOBODY = _("Name nobody who was filmed: the record is kept for as long as the installation.")


def _moment() -> forms.DateTimeInput:
    return forms.DateTimeInput(attrs={"type": "datetime-local", "step": "60"}, format="%Y-%m-%dT%H:%M")


def _words(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


def _at_site(given: datetime | None, site: Site) -> datetime | None:
    """Read a time of a form, which Django took for UTC, as the site's own."""
    return given.replace(tzinfo=ZoneInfo(site.time_zone)) if given else None


class _Cameras(CamerasField):
    """Cameras with their site, as names repeat between sites."""

    def label_from_instance(self, obj: Any) -> str:
        """Return what the person chooses by."""
        return f"{obj.site.name}: {obj.name}"


class ReportForm(ReportModelForm):
    """A serious incident, as it is known at first."""

    harms = forms.MultipleChoiceField(
        label=_("What kind of harm was done, or could have been"),
        choices=Harm.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("All that apply. They decide who is to be told, and by when."),
    )
    happened = forms.CharField(
        label=_("What happened"), max_length=4000, min_length=SHORTEST, widget=_words(6), help_text=NAME_NOBODY
    )
    measures = forms.CharField(
        label=_("What was done at once"),
        max_length=4000,
        required=False,
        widget=_words(3),
        help_text=_("Such as: camera stopped, footage held. May stay empty; more is added later."),
    )
    cameras = _Cameras(
        queryset=Camera.objects.none(),
        label=_("Cameras it is about"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    alerts = forms.CharField(
        label=_("Alerts it is about"),
        required=False,
        max_length=600,
        help_text=_("Numbers of alerts of this site: 12, 15."),
    )
    token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    class Meta:
        model = Report
        fields = ["site", "headline", "began_at", "noticed_at", "gravity"]
        widgets = {"began_at": _moment(), "noticed_at": _moment()}
        help_texts = {
            "headline": _("In a few words, for lists."),
            "began_at": _("Time of the place; empty where it is not known."),
            "noticed_at": _("Time of the place. The deadlines run from here: when anybody of you knew of it."),
        }

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        mine = site_ids(user)
        self.fields["site"] = forms.ModelChoiceField(
            Site.objects.filter(pk__in=mine).order_by("name"), label=gettext("Place"), empty_label=gettext("Choose")
        )
        cameras = Camera.objects.filter(site__in=mine).select_related("site").order_by("site__name", "name")
        self.fields["cameras"].queryset = cameras  # type: ignore[attr-defined]
        self.fields["gravity"].choices = [("", gettext("Choose")), *Gravity.choices]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Read the times as the site's own; cameras and alerts must be of the site."""
        cleaned = super().clean() or self.cleaned_data
        site = cleaned.get("site")
        if site is None:
            return cleaned
        for name in ("began_at", "noticed_at"):
            cleaned[name] = _at_site(cleaned.get(name), site)
        strangers = [camera.name for camera in cleaned.get("cameras") or () if camera.site_id != site.pk]
        if strangers:
            self.add_error(
                "cameras",
                gettext("{place} has no camera {names}.").format(place=site.name, names=", ".join(strangers[:5])),
            )
        try:
            cleaned["alerts"] = read_alert_numbers(cleaned.get("alerts") or "", site)
        except forms.ValidationError as error:
            self.add_error("alerts", error)
        return cleaned

    def _post_clean(self) -> None:
        """Leave the checks of the whole row to the service, which knows the rest of it."""
        for name in self.Meta.fields:
            if name in self.cleaned_data:
                setattr(self.instance, name, self.cleaned_data[name])


class EntryForm(forms.Form):
    """A measure, a note, or a correction."""

    kind = forms.ChoiceField(
        label=_("What it is"),
        choices=[(kind.value, kind.label) for kind in (EntryKind.MEASURE, EntryKind.NOTE, EntryKind.CORRECTION)],
    )
    text = forms.CharField(
        label=_("In words"), max_length=4000, min_length=SHORTEST, widget=_words(4), help_text=NAME_NOBODY
    )
    gravity = forms.TypedChoiceField(
        label=_("How grave it is after all"),
        choices=[("", _("As before")), *Gravity.choices],
        coerce=int,
        empty_value=None,
        required=False,
        help_text=_("With a correction only."),
    )
    added_harms = forms.MultipleChoiceField(
        label=_("Kinds of harm that were not known before"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("With a correction only; what they ask for is added to the deadlines."),
    )
    token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def __init__(self, *args: Any, known: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", "auto_id": "entry-%s", **kwargs})
        unknown = [(value, label) for value, label in Harm.choices if value not in known]
        self.fields["added_harms"].choices = unknown  # type: ignore[attr-defined]


class SettleForm(forms.Form):
    """What became of the duty to tell somebody."""

    duty = DutyField(queryset=Duty.objects.none(), label=_("Who"), empty_label=_("Choose"))
    kind = forms.ChoiceField(label=_("What became of it"), choices=[(kind.value, kind.label) for kind in ABOUT_DUTIES])
    told_at = forms.DateTimeField(
        label=_("When they were told"),
        required=False,
        widget=_moment(),
        help_text=_("Time of the place; only where somebody was told."),
    )
    text = forms.CharField(
        label=_("How, with which reference; or why not"), max_length=4000, min_length=SHORTEST, widget=_words(3)
    )
    token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def __init__(self, *args: Any, report: Report, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", "auto_id": "settle-%s", **kwargs})
        self.site = report.site
        duties = Duty.objects.filter(report=report).select_related("report")
        self.fields["duty"].queryset = duties  # type: ignore[attr-defined]

    def clean_told_at(self) -> datetime | None:
        """Read the time as the site's own."""
        return _at_site(self.cleaned_data["told_at"], self.site)


class CloseForm(forms.Form):
    """How it ended, and what was learnt."""

    outcome = forms.ChoiceField(label=_("How it ended"), choices=[("", _("Choose")), *Outcome.choices])
    lessons = forms.CharField(
        label=_("What was learnt, and what is different now"),
        max_length=4000,
        min_length=SHORTEST,
        widget=_words(5),
        help_text=NAME_NOBODY,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", "auto_id": "close-%s", **kwargs})
