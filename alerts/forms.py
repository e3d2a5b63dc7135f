"""The decision form: works as plain HTML, where each reason is a button of its own."""

from datetime import datetime
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from alerts.follow_up import Measure
from alerts.models import DismissReason, Verdict
from alerts.services.deciding import Choice
from alerts.services.exporting import CASE_MAX, REASON_MAX, REASON_MIN


class DecisionForm(forms.Form):
    """Verdict, reason of a dismissal, a note, and how long the clip was watched. A reason alone means: dismiss."""

    verdict = forms.ChoiceField(
        choices=[choice for choice in Verdict.choices if choice[0] != Verdict.UNDO], required=False
    )
    reason = forms.ChoiceField(choices=DismissReason.choices, required=False)
    note = forms.CharField(max_length=500, required=False)
    watched_s = forms.FloatField(min_value=0, max_value=86400, required=False)

    def clean(self) -> dict[str, Any]:
        """Complete a dismissal by reason; refuse one without, and a form that decides nothing."""
        data: dict[str, Any] = super().clean() or {}
        if self.errors:
            return data
        if not data.get("verdict"):
            if not data.get("reason"):
                raise forms.ValidationError(gettext("Choose one: confirm, dismiss with a reason, or escalate."))
            data["verdict"] = Verdict.DISMISS
        if data["verdict"] == Verdict.DISMISS and not data.get("reason"):
            self.add_error("reason", gettext("A dismissal needs a reason: choose one of the list."))
        return data

    def choice(self) -> Choice:
        """Return what was chosen; call after `is_valid`."""
        data = self.cleaned_data
        return Choice(
            verdict=Verdict(data["verdict"]),
            reason=data["reason"],
            note=data["note"],
            watched_s=data["watched_s"] or 0.0,
        )


class IncidentForm(forms.Form):
    """Which alerts of an incident to dismiss, and why."""

    alerts = forms.TypedMultipleChoiceField(coerce=int, required=False)
    reason = forms.ChoiceField(choices=DismissReason.choices, required=False)
    note = forms.CharField(max_length=500, required=False)

    def __init__(self, data: QueryDict | None = None) -> None:
        super().__init__(data)
        # any number goes: the service takes only those of the incident
        self.fields["alerts"].choices = [(value, value) for value in self.given if value.isdecimal()]  # type: ignore[attr-defined]

    @property
    def given(self) -> list[str]:
        """What was posted as alerts."""
        return self.data.getlist("alerts") if isinstance(self.data, QueryDict) else []

    @property
    def chosen(self) -> set[int]:
        """What was ticked, to tick it again beside an error."""
        return {int(value) for value in self.given if value.isdecimal()}


class ActionForm(forms.Form):
    """What was done about a confirmed alert; the service says which choices go together."""

    measures = forms.MultipleChoiceField(choices=Measure.choices, required=False)
    note = forms.CharField(max_length=500, required=False)

    @property
    def chosen(self) -> list[str]:
        """What was ticked, to tick it again beside an error."""
        return self.data.getlist("measures") if isinstance(self.data, QueryDict) else []


class ShelveForm(forms.Form):
    """How long to put an alert aside, and why; the service knows the limits."""

    minutes = forms.IntegerField()
    reason = forms.CharField(max_length=200)


class MaintenanceForm(ShelveForm):
    """The same for what a camera raises, from a moment in its site's time on; empty: now."""

    camera = forms.IntegerField()
    starts_at = forms.CharField(required=False)

    def clean_starts_at(self) -> datetime | None:
        """Read the local time as the browser's field writes it; it gets its zone where the camera is known."""
        given = self.cleaned_data["starts_at"]
        try:
            return datetime.fromisoformat(given).replace(tzinfo=None) if given else None
        except ValueError:
            raise forms.ValidationError(
                gettext("A time looks like 2026-11-23T22:00; got {given}.").format(given=given[:30])
            ) from None


class WatchedForm(forms.Form):
    """Which opening of an alert, and how many seconds of its clip the page has counted."""

    view = forms.CharField(max_length=400)
    watched_s = forms.FloatField(min_value=0, max_value=86400)


class ShiftEndForm(forms.Form):
    """Notes for whoever comes next."""

    notes = forms.CharField(max_length=2000, required=False)


class EvidenceForm(forms.Form):
    """Why an alert is handed out of PACA; both answers stand in the file and in the trail."""

    case = forms.CharField(
        label=_("Case number"),
        max_length=CASE_MAX,
        help_text=_("Of the authority that asked, such as 24-1234MED-TAGD."),
    )
    reason = forms.CharField(
        min_length=REASON_MIN,
        max_length=REASON_MAX,
        help_text=_("Who will get it and why, in at least {reason_min} characters.").format(reason_min=REASON_MIN),
    )

    def __init__(self, data: QueryDict | None = None) -> None:
        super().__init__(data, label_suffix="")
