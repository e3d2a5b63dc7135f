"""Which minutes the viewer of a release takes out, and why."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from cameras.exporting.models import MOST_REASON
from cameras.exporting.services.exporting import MOST_FOOTAGE, Asked
from cameras.warrants.models import SHORTEST_REASON, FootageRelease, ReleasePart


def _moment() -> forms.DateTimeInput:
    return forms.DateTimeInput(attrs={"type": "datetime-local", "step": "1"}, format="%Y-%m-%dT%H:%M:%S")


class FootageExportForm(forms.Form):
    """Cameras, from, to, why; times are those of the site."""

    part = forms.ChoiceField(label=_("Camera"), required=False)
    from_at = forms.DateTimeField(label=_("From"), widget=_moment())
    to_at = forms.DateTimeField(label=_("To"), widget=_moment())
    reason = forms.CharField(
        label=_("Reason"),
        min_length=SHORTEST_REASON,
        max_length=MOST_REASON,
        help_text=_("Who receives it and what for; at least 10 characters. It stands in the file and in the trail."),
    )

    def __init__(self, *args: Any, release: FootageRelease, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        self._parts: dict[str, ReleasePart] = {str(part.pk): part for part in release.parts.all()}
        self._zone = ZoneInfo(release.site.time_zone)
        names = [(pk, part.camera.name) for pk, part in self._parts.items()]
        every = [("", _("Every camera"))] if len(names) > 1 else []
        self.fields["part"].choices = [*every, *names]  # type: ignore[attr-defined]
        start = min(part.starts_at for part in self._parts.values())
        last = max(part.ends_at for part in self._parts.values())
        self._show("from_at", start)
        share_s = MOST_FOOTAGE.total_seconds() // max(1, len(names))
        self._show("to_at", min(last, start + timedelta(seconds=share_s)))

    def _show(self, name: str, at: datetime) -> None:
        self.initial.setdefault(name, at.astimezone(self._zone).replace(tzinfo=None))

    def clean(self) -> dict[str, Any]:
        """Refuse times in the wrong order."""
        cleaned = super().clean() or self.cleaned_data
        start, end = cleaned.get("from_at"), cleaned.get("to_at")
        if start and end and end <= start:
            self.add_error("to_at", _("The end must be after the beginning."))
        return cleaned

    def asked(self) -> Asked:
        """Return what is asked for; the form is valid."""
        data = self.cleaned_data
        start, end = (data[name].replace(tzinfo=self._zone) for name in ("from_at", "to_at"))
        return Asked(self._parts.get(data["part"]), start, end, data["reason"])
